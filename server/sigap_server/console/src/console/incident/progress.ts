/** When an incident came to each of its phases. */

import type { Incident, Phase } from "../../api/model.ts";

const BEGINS: Record<Phase, string> = {
  waiting: "alert_received",
  offered: "offered",
  assigned: "assigned",
  en_route: "en_route",
  on_scene: "on_scene",
  closed: "closed",
};

/** Milliseconds from receipt to the phase's first event; null while it has not come to that. */
export function reachedAfterMs(incident: Incident, phase: Phase): number | null {
  const event = incident.timeline.find((one) => one.kind === BEGINS[phase]);
  return event ? event.time_ms - incident.received_ms : null;
}
