import type { Candidate, OfferData } from "../../api/model.ts";
import { formatDistance, formatExactEta } from "../format.ts";
import { callsign } from "../state.ts";
import { text } from "../text/current.ts";
import { whyChosen } from "./reasons.ts";

const SHOWN = 4;
const NEARER_SHOWN = 3;

/** The cars weighed for an offer: nearer ones that could not be asked, the chosen one, the runners-up, and why. */
export function Candidates({ offer }: { offer: OfferData }) {
  const words = text.value;
  const eligible = offer.candidates ?? [];
  const chosen = eligible.find((candidate) => candidate.unit_id === offer.chosen);
  const method = offer.eta_method ?? eligible[0]?.method ?? "";
  const more = (offer.eligible_count ?? eligible.length) - Math.min(eligible.length, SHOWN);
  return (
    <>
      {eligible.length > 0 && (
        <table class="candidates">
          <caption class="visually-hidden">{words.candidates}</caption>
          <thead>
            <tr>
              <th scope="col">{words.unit}</th>
              <th scope="col">{words.eta}</th>
              <th scope="col">{words.distance}</th>
            </tr>
          </thead>
          <tbody>
            {nearerButExcluded(offer, chosen).map((candidate) => (
              <Row key={candidate.unit_id} candidate={candidate} note={words.excluded[candidate.excluded!]} />
            ))}
            {eligible.slice(0, SHOWN).map((candidate) => (
              <Row
                key={candidate.unit_id}
                candidate={candidate}
                chosen={candidate === chosen}
                note={candidate === chosen ? words.chosen : undefined}
              />
            ))}
          </tbody>
        </table>
      )}
      <p class="why">{whyChosen(offer, words, callsign)}</p>
      <p class="note">
        {more > 0 && `${words.more(more)}. `}
        {method !== "" && words.etaBy(words.method[method] ?? method)}
      </p>
    </>
  );
}

/** The question an operator asks first: why not that one, it is nearer. */
function nearerButExcluded(offer: OfferData, chosen: Candidate | undefined): Candidate[] {
  return (offer.excluded ?? [])
    .filter((one) => one.eta_s !== null && one.eta_s < (chosen?.eta_s ?? 0))
    .slice(0, NEARER_SHOWN);
}

function Row({ candidate, chosen = false, note }: { candidate: Candidate; chosen?: boolean; note?: string | undefined }) {
  return (
    <tr data-chosen={chosen} data-excluded={candidate.excluded != null}>
      <th scope="row">
        {callsign(candidate.unit_id)}
        {note && <em>{note}</em>}
      </th>
      <td>{candidate.eta_s === null ? "–" : formatExactEta(candidate.eta_s)}</td>
      <td>{candidate.distance_m === null ? "–" : formatDistance(candidate.distance_m)}</td>
    </tr>
  );
}
