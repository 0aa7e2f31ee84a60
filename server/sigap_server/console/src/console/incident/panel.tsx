import type { Incident, Phase } from "../../api/model.ts";
import { formatAge, formatClock, formatEta, formatPosition } from "../format.ts";
import { callsign, nowMs, selectedIncident, selectUnit, unitsVersion } from "../state.ts";
import { clockMs, urgency } from "../targets.ts";
import { text } from "../text/current.ts";
import { Timeline } from "./timeline.tsx";

export function IncidentPanel() {
  const incident = selectedIncident.value;
  const words = text.value;
  return (
    <section class="incident" aria-label={words.incident}>
      {incident ? <Story incident={incident} /> : <p class="empty">{words.choose}</p>}
    </section>
  );
}

function Story({ incident }: { incident: Incident }) {
  const words = text.value;
  return (
    <>
      <header class="incident-head">
        <h2>
          {words.incident} #{incident.incident_id}
          <em data-kind={incident.kind}>{words[incident.kind]}</em>
        </h2>
        <span class="age large" data-urgency={urgency(incident, nowMs.value)}>
          {formatAge(clockMs(incident, nowMs.value))}
        </span>
      </header>
      <Steps incident={incident} />
      <Facts incident={incident} />
      <Timeline incident={incident} />
    </>
  );
}

const STEPS: Phase[] = ["waiting", "offered", "assigned", "en_route", "on_scene", "closed"];

/** How far it has come; the steps already taken carry the time they took. */
function Steps({ incident }: { incident: Incident }) {
  const words = text.value;
  const at = STEPS.indexOf(incident.phase);
  return (
    <ol class="steps">
      {STEPS.map((step, index) => (
        <li
          key={step}
          data-phase={step}
          data-place={index < at ? "before" : index === at ? "here" : "ahead"}
          aria-current={index === at ? "step" : undefined}
        >
          {words.phase[step]}
        </li>
      ))}
    </ol>
  );
}

function Facts({ incident }: { incident: Incident }) {
  void unitsVersion.value;
  const words = text.value;
  const method = incident.eta_method === null ? null : (words.method[incident.eta_method] ?? incident.eta_method);
  return (
    <dl class="facts">
      <dt>{words.place}</dt>
      <dd class="number">
        {formatPosition(incident.lat, incident.lon)}
        {incident.accuracy_m !== null && <span class="muted"> {words.accuracy(Math.round(incident.accuracy_m))}</span>}
      </dd>
      <dt>{words.received}</dt>
      <dd class="number">
        {formatClock(incident.received_ms)}
        {incident.pressed_ms !== null && (
          <span class="muted">
            {" "}
            ({words.pressed.toLowerCase()} {formatClock(incident.pressed_ms)})
          </span>
        )}
      </dd>
      {incident.unit_id !== null && (
        <>
          <dt>{words.unit}</dt>
          <dd>
            <button type="button" class="inline" onClick={() => selectUnit(incident.unit_id)}>
              {callsign(incident.unit_id)}
            </button>
            {incident.eta_s !== null && incident.phase !== "on_scene" && incident.phase !== "closed" && (
              <span class="number">
                {" "}
                · {words.eta} {formatEta(incident.eta_s)}
              </span>
            )}
          </dd>
        </>
      )}
      {incident.eta_s !== null && method !== null && (
        <>
          <dt class="visually-hidden">{words.eta}</dt>
          <dd class="note">{words.etaBy(method)}</dd>
        </>
      )}
      {incident.text && <dd class="said">“{incident.text}”</dd>}
    </dl>
  );
}
