import type { Incident } from "../api/model.ts";
import { formatAge, formatClock, formatEta } from "./format.ts";
import { callsign, closedIncidents, nowMs, openIncidents, selectedIncidentId, selectIncident, unitsVersion } from "./state.ts";
import { clockMs, urgency } from "./targets.ts";
import { text } from "./text/current.ts";

export function Queue() {
  const words = text.value;
  const open = openIncidents.value;
  const closed = closedIncidents.value;
  return (
    <section class="queue" aria-label={words.alerts}>
      <h2>
        {words.alerts} <span class="count">{open.length}</span>
      </h2>
      <div class="scroll">
        {open.length === 0 && <p class="empty">{words.queueEmpty}</p>}
        <ol>
          {open.map((incident) => (
            <Row key={incident.incident_id} incident={incident} />
          ))}
        </ol>
        {closed.length > 0 && <h3>{words.recentlyClosed}</h3>}
        <ol class="closed">
          {closed.map((incident) => (
            <Row key={incident.incident_id} incident={incident} />
          ))}
        </ol>
      </div>
    </section>
  );
}

function Row({ incident }: { incident: Incident }) {
  void unitsVersion.value; // callsigns may arrive after the incident
  const words = text.value;
  const chosen = selectedIncidentId.value === incident.incident_id;
  const travelling = incident.phase === "assigned" || incident.phase === "en_route";
  return (
    <li>
      <button
        type="button"
        class="alert-row"
        data-phase={incident.phase}
        data-incident={incident.incident_id}
        aria-current={chosen}
        ref={(element) => {
          if (chosen) element?.scrollIntoView({ block: "nearest" });
        }}
        onClick={() => selectIncident(incident.incident_id)}
      >
        <span class="priority" data-priority={incident.priority}>
          P{incident.priority}
        </span>
        <span class="what">
          <span class="title">
            #{incident.incident_id}
            <em data-kind={incident.kind}>{words[incident.kind]}</em>
          </span>
          <span class="phase" data-phase={incident.phase}>
            {words.phase[incident.phase]}
            {incident.unit_id !== null && <b> {callsign(incident.unit_id)}</b>}
          </span>
        </span>
        <span class="times">
          <span class="age" data-urgency={urgency(incident, nowMs.value)}>
            {formatAge(clockMs(incident, nowMs.value))}
          </span>
          <span class="eta">
            {travelling && incident.eta_s !== null
              ? `${words.eta} ${formatEta(incident.eta_s)}`
              : formatClock(incident.received_ms)}
          </span>
        </span>
      </button>
    </li>
  );
}
