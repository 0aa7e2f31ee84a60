import { type Incident, PHASES } from "../../api/model.ts";
import { formatAge, formatClock, formatEta, formatPosition, formatSpan } from "../format.ts";
import { callsign, nowMs, selectedIncident, selectUnit, unitsVersion } from "../state.ts";
import { clockMs, urgency } from "../targets.ts";
import { text } from "../text/current.ts";
import { Actions } from "./actions.tsx";
import { reachedAfterMs } from "./progress.ts";
import { Standing } from "./standing.tsx";
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
      <Standing incident={incident} />
      <Facts incident={incident} />
      <Actions incident={incident} />
      <Timeline incident={incident} />
    </>
  );
}

/** How far it has come, and after what time each step was reached. */
function Steps({ incident }: { incident: Incident }) {
  const words = text.value;
  const at = PHASES.indexOf(incident.phase);
  return (
    <ol class="steps">
      {PHASES.map((phase, index) => {
        const afterMs = reachedAfterMs(incident, phase);
        return (
          <li
            key={phase}
            data-phase={phase}
            data-place={index < at ? "before" : index === at ? "here" : "ahead"}
            aria-current={index === at ? "step" : undefined}
          >
            <span>{words.phase[phase]}</span>
            <small>{index > 0 && index <= at && afterMs !== null && formatSpan(afterMs)}</small>
          </li>
        );
      })}
    </ol>
  );
}

function Facts({ incident }: { incident: Incident }) {
  void unitsVersion.value;
  const words = text.value;
  const coming = incident.phase !== "on_scene" && incident.phase !== "closed";
  const method = incident.eta_method === null ? null : (words.method[incident.eta_method] ?? incident.eta_method);
  return (
    <dl class="facts">
      <dt>{words.place}</dt>
      <dd class="number">
        {incident.street && <strong>{incident.street} </strong>}
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
            {coming && incident.eta_s !== null && (
              <span class="number">
                {" "}
                · {words.eta} {formatEta(incident.eta_s)}
              </span>
            )}
          </dd>
        </>
      )}
      {coming && incident.eta_s !== null && method !== null && (
        <>
          <dt class="visually-hidden">{words.eta}</dt>
          <dd class="note">{words.etaBy(method)}</dd>
        </>
      )}
      {incident.text && <dd class="said">“{incident.text}”</dd>}
    </dl>
  );
}
