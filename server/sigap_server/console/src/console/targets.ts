/** When an open incident's clock changes colour. */

import type { Incident } from "../api/model.ts";

export type Urgency = "calm" | "due" | "late" | "done";

// Answer: 90 % within 15 s (NENA-STA-020). Process, received to offered: 90 % within 60 s (NFPA 1225).
const ANSWER_MS = 15_000;
const PROCESS_MS = 60_000;
// Priority 1: on scene within 7 minutes (Charlotte's target); amber for the last two of them.
const ARRIVAL_DUE_MS = 5 * 60_000;
const ARRIVAL_MS = 7 * 60_000;

/** While no car is on its way the process target counts, afterwards the time to arrival. */
export function urgency(incident: Incident, nowMs: number): Urgency {
  if (incident.phase === "closed" || incident.phase === "on_scene") return "done";
  const ageMs = nowMs - incident.received_ms;
  const travelling = incident.phase === "assigned" || incident.phase === "en_route";
  const [dueMs, lateMs] = travelling ? [ARRIVAL_DUE_MS, ARRIVAL_MS] : [ANSWER_MS, PROCESS_MS];
  return ageMs >= lateMs ? "late" : ageMs >= dueMs ? "due" : "calm";
}

/** How long the clock has run: until the car arrived, then it stands still. */
export function clockMs(incident: Incident, nowMs: number): number {
  const arrived = incident.timeline.find((event) => event.kind === "on_scene")?.time_ms;
  return (arrived ?? incident.closed_ms ?? nowMs) - incident.received_ms;
}
