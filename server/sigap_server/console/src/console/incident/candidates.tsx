import type { Candidate, TimelineEvent } from "../../api/model.ts";
import { formatDistance, formatEta } from "../format.ts";
import { callsign } from "../state.ts";
import { text } from "../text/current.ts";

const SHOWN = 5;

/** The cars that were considered for an offer, the chosen one marked, with the reason and the way of reckoning. */
export function Candidates({ event }: { event: TimelineEvent }) {
  const words = text.value;
  const list = event.data.candidates;
  if (!Array.isArray(list) || list.length === 0) return <Why event={event} />;
  const candidates = list as Candidate[];
  const shown = candidates.slice(0, SHOWN);
  const chosen = candidates.find((candidate) => candidate.unit_id === event.data.chosen);
  if (chosen && !shown.includes(chosen)) shown.push(chosen);
  const method = candidates[0]?.method ?? "";
  return (
    <>
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
          {shown.map((candidate) => (
            <tr key={candidate.unit_id} data-chosen={candidate === chosen}>
              <th scope="row">
                {callsign(candidate.unit_id)}
                {candidate === chosen && <em>{words.chosen}</em>}
              </th>
              <td>{formatEta(candidate.eta_s)}</td>
              <td>{formatDistance(candidate.distance_m)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Why event={event} />
      <p class="note">
        {candidates.length > shown.length && `${words.more(candidates.length - shown.length)}. `}
        {words.etaBy(words.method[method] ?? method)}
      </p>
    </>
  );
}

function Why({ event }: { event: TimelineEvent }) {
  const why = event.data.why ?? event.data.reason;
  if (typeof why !== "string" || why === "") return null;
  return (
    <p class="why">
      <span>{text.value.whyWord}:</span> {why}
    </p>
  );
}
