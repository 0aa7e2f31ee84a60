/** What the console knows and shows. Only the functions here change it; components read the signals. */

import { computed, signal } from "@preact/signals";
import type { Incident, Snapshot, Unit, UnitStatus } from "../api/model.ts";

export type Session = "asking" | "signed_out" | { name: string };
export type Connection = "connecting" | "live" | "lost";

export const session = signal<Session>("asking");
export const connection = signal<Connection>("connecting");
/** When the connection was lost, by this computer's clock. */
export const lostSinceMs = signal(0);

/** The units by id. The map itself is changed in place; `unitsVersion` says when. */
export const units = new Map<string, Unit>();
export const unitsVersion = signal(0);
export const incidents = signal<ReadonlyMap<number, Incident>>(new Map());
export const counters = signal<Record<string, number>>({});

export const selectedIncidentId = signal<number | null>(null);
export const selectedUnitId = signal<string | null>(null);
export const following = signal(false);
export const helpOpen = signal(false);
/** The map keeps everything in view by itself, until somebody takes it in hand. */
export const framing = signal(true);
/** Goes up whenever the map is asked to show everything now. */
export const fitRequests = signal(0);
/** The newest alert, for the screen reader's announcement. */
export const announcedIncident = signal<Incident | null>(null);

/** The server's clock in ms, moving once a second; ages are counted from it. */
export const nowMs = signal(Date.now());
let clockOffsetMs = 0;

// Closed incidents stay in sight for a while, below the open ones.
const CLOSED_KEPT = 12;

export const openIncidents = computed(() =>
  [...incidents.value.values()].filter((i) => i.phase !== "closed").sort(byPriorityThenAge),
);
export const closedIncidents = computed(() =>
  [...incidents.value.values()]
    .filter((i) => i.phase === "closed")
    .sort((a, b) => (b.closed_ms ?? 0) - (a.closed_ms ?? 0))
    .slice(0, CLOSED_KEPT),
);
export const selectedIncident = computed(() => {
  const id = selectedIncidentId.value;
  return id === null ? null : (incidents.value.get(id) ?? null);
});
/** How many units there are of each status, those in distress apart: no such car is available, whatever it was doing. */
export const statusCounts = computed(() => {
  void unitsVersion.value;
  const counts = new Map<UnitStatus, number>();
  let distressed = 0;
  let silent = 0;
  let withoutFix = 0;
  for (const unit of units.values()) {
    if (unit.emergency_ms !== null) distressed += 1;
    else counts.set(unit.status, (counts.get(unit.status) ?? 0) + 1);
    if (unit.link !== "fresh") silent += 1;
    else if (unit.no_fix_since_ms !== null) withoutFix += 1;
  }
  return { counts, distressed, silent, withoutFix };
});
/** Whose officers are in distress, the longest first. */
export const distressedUnits = computed(() => {
  void unitsVersion.value;
  return [...units.values()].filter((u) => u.emergency_ms !== null).sort((a, b) => a.emergency_ms! - b.emergency_ms!);
});

function byPriorityThenAge(a: Incident, b: Incident): number {
  return a.priority - b.priority || a.received_ms - b.received_ms;
}

export function applySnapshot(snapshot: Snapshot): void {
  clockOffsetMs = snapshot.now_ms - Date.now();
  tick();
  units.clear();
  for (const unit of snapshot.units) units.set(unit.unit_id, unit);
  unitsVersion.value += 1;
  // A snapshot may hold the open ones alone: what was seen to close stays listed.
  const next = new Map([...incidents.peek()].filter(([, i]) => i.phase === "closed"));
  for (const incident of snapshot.incidents) next.set(incident.incident_id, incident);
  incidents.value = next;
  counters.value = snapshot.counters;
  connection.value = "live";
  if (selectedIncident.peek() === null) selectIncident(openIncidents.peek()[0]?.incident_id ?? null);
}

export function applyUnits(changed: Unit[]): void {
  for (const unit of changed) units.set(unit.unit_id, unit);
  unitsVersion.value += 1;
}

export function applyIncident(incident: Incident): void {
  const isNew = !incidents.peek().has(incident.incident_id);
  const next = new Map([...openIncidents.peek(), ...closedIncidents.peek()].map((i) => [i.incident_id, i]));
  next.set(incident.incident_id, incident);
  incidents.value = next;
  if (isNew && incident.phase !== "closed") announcedIncident.value = incident;
  // An operator who is reading something is never moved away from it.
  const reading = selectedIncident.peek();
  if (reading === null || (isNew && reading.phase === "closed")) selectIncident(incident.incident_id);
}

export function applyLost(): void {
  if (connection.peek() === "lost") return;
  connection.value = "lost";
  lostSinceMs.value = Date.now();
}

/** After signing out nothing of the city stays on the screen. */
export function forget(): void {
  units.clear();
  unitsVersion.value += 1;
  incidents.value = new Map();
  selectIncident(null);
  selectUnit(null);
}

export function fitAll(): void {
  following.value = false;
  framing.value = true;
  fitRequests.value += 1;
}

export function toggleFollowing(): void {
  following.value = !following.peek() && focusUnitId.peek() !== null;
  if (following.peek()) framing.value = false;
}

/** The operator moved the map: it stays as it was put. */
export function takeMap(): void {
  following.value = false;
  framing.value = false;
}

export function tick(): void {
  nowMs.value = Date.now() + clockOffsetMs;
}

export function selectIncident(id: number | null): void {
  selectedIncidentId.value = id;
  if (id !== null) selectedUnitId.value = null;
}

export function selectUnit(id: string | null): void {
  selectedUnitId.value = id;
  if (id === null) following.value = false;
}

/** Step through the queue as it is shown: open ones first, then the closed. */
export function stepIncident(step: 1 | -1): void {
  const shown = [...openIncidents.peek(), ...closedIncidents.peek()];
  const at = shown.findIndex((i) => i.incident_id === selectedIncidentId.peek());
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), shown.length - 1);
  selectIncident(shown[next]?.incident_id ?? null);
}

/** The unit to follow: the chosen one, else the one on the chosen incident. */
export const focusUnitId = computed(() => selectedUnitId.value ?? selectedIncident.value?.unit_id ?? null);

export function callsign(unitId: string | null): string {
  return unitId === null ? "–" : (units.get(unitId)?.callsign ?? unitId);
}
