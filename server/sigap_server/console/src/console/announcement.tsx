import { announcedIncident } from "./state.ts";
import { text } from "./text/current.ts";

/** Read out at once by a screen reader, whatever else it was reading. */
export function NewAlertAnnouncement() {
  const incident = announcedIncident.value;
  return (
    <p class="visually-hidden" aria-live="assertive" role="alert">
      {incident && text.value.newAlert(incident.incident_id, incident.priority)}
    </p>
  );
}
