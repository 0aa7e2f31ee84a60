/** Why a decision fell as it did, in the language of the page, from the figures that were recorded with it. */

import type { OfferData } from "../../api/model.ts";
import { formatExactEta } from "../format.ts";
import type { Text } from "../text/en.ts";

/** "First of 9 cars that can be asked; Maung 04 would need 2:36; 3 not asked: 2 busy, 1 off duty." */
export function whyChosen(offer: OfferData, words: Text, callsign: (unitId: string) => string): string {
  const count = offer.eligible_count ?? offer.candidates?.length;
  if (count === undefined) return offer.why ?? "";
  const parts = [words.whyFirst(count)];
  const next = offer.candidates?.[1];
  if (next && next.eta_s !== null) parts.push(words.whyNext(callsign(next.unit_id), formatExactEta(next.eta_s)));
  const counts = offer.excluded_counts ?? {};
  const excluded = Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (excluded > 0) parts.push(words.whyNot(excluded, list(counts, words)));
  return `${parts.join("; ")}.`;
}

/** "Nobody can be asked: 11 busy, 1 off duty." */
export function whyNobody(counts: Record<string, number>, words: Text): string {
  return `${words.whyNobody(list(counts, words) || words.noUnits)}.`;
}

function list(counts: Record<string, number>, words: Text): string {
  return Object.entries(counts)
    .map(([reason, n]) => `${n} ${words.excluded[reason] ?? reason.replaceAll("_", " ")}`)
    .join(", ");
}
