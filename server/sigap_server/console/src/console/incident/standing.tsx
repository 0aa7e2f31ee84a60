import type { Incident, UnitPart } from "../../api/model.ts";
import { formatEta } from "../format.ts";
import { callsign } from "../state.ts";
import { text } from "../text/current.ts";

/** Where an open incident stands: what an operator must look at, how far the alert is trusted, and every unit's part. */
export function Standing({ incident }: { incident: Incident }) {
  const words = text.value;
  if (incident.phase === "closed") return null;
  return (
    <div class="standing">
      {incident.alarms.length > 0 && (
        <ul class="alarms" aria-label={words.alarms}>
          {incident.alarms.map((alarm) => (
            <li key={alarm}>{words.alarm[alarm] ?? alarm}</li>
          ))}
        </ul>
      )}
      {incident.tier !== null && incident.mode !== null && (
        <p>
          {words.tier[incident.tier] ?? incident.tier}: {words.mode[incident.mode] ?? incident.mode}
          {incident.reasons.length > 0 && <span class="muted"> ({incident.reasons.join("; ")})</span>}
        </p>
      )}
      {incident.linked.length > 0 && <p>{words.alsoReported(incident.linked.length)}</p>}
      {incident.linked.map(
        (alert) =>
          alert.text && (
            <p key={alert.alert_id} class="said">
              “{alert.text}”
            </p>
          ),
      )}
      {incident.cancel && (
        <p class="said">
          {words.cancelAsked}: “{incident.cancel.reason}”
        </p>
      )}
      {(incident.units.length > 1 || incident.units.some((part) => part.warnings.length > 0)) && (
        <ul class="parts">
          {incident.units.map((part) => (
            <Part key={part.order_id} part={part} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Part({ part }: { part: UnitPart }) {
  const words = text.value;
  return (
    <li>
      <b>{callsign(part.unit_id)}</b> {words.phase[part.phase]}
      {part.eta_s !== null && part.phase !== "on_scene" && ` · ${formatEta(part.eta_s)}`}
      {part.warnings.map((finding) => (
        <em key={finding}>{words.finding[finding] ?? finding.replaceAll("_", " ")}</em>
      ))}
    </li>
  );
}
