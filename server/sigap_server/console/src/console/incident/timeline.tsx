import type { Incident, OfferData, TimelineEvent } from "../../api/model.ts";
import { formatClock, formatSpan } from "../format.ts";
import { callsign, unitsVersion } from "../state.ts";
import { text } from "../text/current.ts";
import { Candidates } from "./candidates.tsx";
import { whyNobody } from "./reasons.ts";

// The server's memory of a car's way; an operator sees that on the map.
const STEP_BY_STEP = "came_nearer";

/** Everything that happened, oldest first. The style sheet keeps the newest in sight until somebody scrolls up. */
export function Timeline({ incident }: { incident: Incident }) {
  const words = text.value;
  const events = incident.timeline.filter((event) => event.kind !== STEP_BY_STEP);
  return (
    <>
      <h3>
        {words.timeline} <span class="count">{events.length}</span>
      </h3>
      <div class="timeline-scroll" key={incident.incident_id} tabIndex={0} role="group" aria-label={words.timeline}>
        <ol class="timeline">
          {events.map((event) => (
            <Entry key={event.seq} event={event} receivedMs={incident.received_ms} />
          ))}
        </ol>
      </div>
    </>
  );
}

function Entry({ event, receivedMs }: { event: TimelineEvent; receivedMs: number }) {
  void unitsVersion.value; // callsigns may arrive after the incident
  const words = text.value;
  const iso = new Date(event.time_ms).toISOString();
  return (
    <li data-kind={event.kind}>
      <div class="when">
        <time dateTime={iso} title={iso}>
          {formatClock(event.time_ms)}
        </time>
        <span title={words.sinceReceived}>{formatSpan(event.time_ms - receivedMs)}</span>
      </div>
      <div class="what">
        <p>
          <span class="told">{sentence(event)}</span> <span class="actor">{actor(event)}</span>
        </p>
        {event.kind === "offered" && <Candidates offer={event.data as OfferData} />}
        {event.kind === "no_unit" && (
          <p class="why">{whyNobody((event.data.excluded_counts ?? {}) as Record<string, number>, words)}</p>
        )}
      </div>
    </li>
  );
}

function sentence(event: TimelineEvent): string {
  const words = text.value;
  const tell = words.event[event.kind];
  const unit = event.unit_id ?? (typeof event.data.unit_id === "string" ? event.data.unit_id : null);
  // A kind this page does not know yet is shown under its own name rather than left out.
  const told = tell ? tell(callsign(unit), String(event.data.deadline ?? "")) : readable(event.kind);
  const { disposition, reason } = event.data;
  if (typeof disposition === "string") return `${told}: ${words.disposition[disposition] ?? readable(disposition)}`;
  if (typeof reason === "string") return `${told}: ${words.withdrawal[reason] ?? readable(reason)}`;
  return told;
}

// What the unit does by itself; the rest comes from its officer's buttons.
const BY_THE_UNIT = new Set(["order_received", "update_received", "en_route"]);

/** The log's "unit:unit-03" and "operator:ana" as people say it. */
function actor(event: TimelineEvent): string {
  const words = text.value;
  const [role, name] = event.actor.split(":", 2);
  if (role === "unit") return (BY_THE_UNIT.has(event.kind) ? words.actor.unit : words.actor.officer) ?? role;
  return name ?? words.actor[event.actor] ?? event.actor;
}

function readable(word: string): string {
  return word.replaceAll("_", " ");
}
