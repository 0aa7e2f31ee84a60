import { useEffect, useRef } from "preact/hooks";
import type { Incident, TimelineEvent } from "../../api/model.ts";
import { formatClock, formatSpan } from "../format.ts";
import { callsign, unitsVersion } from "../state.ts";
import { text } from "../text/current.ts";
import { Candidates } from "./candidates.tsx";

/** Everything that happened, oldest first; the newest is kept in sight as it arrives. */
export function Timeline({ incident }: { incident: Incident }) {
  const words = text.value;
  const list = useRef<HTMLOListElement>(null);
  const count = incident.timeline.length;
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: "nearest" });
  }, [incident.incident_id, count]);
  return (
    <>
      <h3>
        {words.timeline} <span class="count">{count}</span>
      </h3>
      <ol class="timeline" ref={list} tabIndex={0} aria-label={words.timeline}>
        {incident.timeline.map((event) => (
          <Entry key={event.seq} event={event} receivedMs={incident.received_ms} />
        ))}
      </ol>
    </>
  );
}

function Entry({ event, receivedMs }: { event: TimelineEvent; receivedMs: number }) {
  void unitsVersion.value;
  const words = text.value;
  return (
    <li data-kind={event.kind}>
      <div class="when">
        <time dateTime={new Date(event.time_ms).toISOString()} title={new Date(event.time_ms).toISOString()}>
          {formatClock(event.time_ms)}
        </time>
        <span title={words.sinceReceived}>{formatSpan(event.time_ms - receivedMs)}</span>
      </div>
      <div class="what">
        <p>
          {sentence(event)} <span class="actor">{words.actor[event.actor] ?? callsign(event.actor)}</span>
        </p>
        <Candidates event={event} />
      </div>
    </li>
  );
}

function sentence(event: TimelineEvent): string {
  const words = text.value;
  const tell = words.event[event.kind];
  const unit = event.unit_id ?? (typeof event.data.chosen === "string" ? event.data.chosen : null);
  // A kind this page does not know yet is shown under its own name rather than left out.
  const told = tell ? tell(callsign(unit), String(event.data.deadline ?? "")) : event.kind.replaceAll("_", " ");
  const disposition = event.data.disposition;
  if (typeof disposition !== "string") return told;
  return `${told}: ${words.disposition[disposition] ?? disposition.replaceAll("_", " ")}`;
}
