/** The documents of the server's HTTP interface. Times are Unix milliseconds, positions degrees, speeds m/s. */

export const UNIT_STATUSES = [
  "available",
  "offered",
  "assigned",
  "en_route",
  "on_scene",
  "off_duty",
  "out_of_service",
] as const;
export type UnitStatus = (typeof UNIT_STATUSES)[number];

export type LinkState = "fresh" | "stale" | "lost";

export interface Unit {
  unit_id: string;
  callsign: string;
  status: UnitStatus;
  link: LinkState;
  /** Position fields are null until the first fix. */
  lat: number | null;
  lon: number | null;
  speed_mps: number | null;
  course_deg: number | null;
  quality: number | null;
  satellites: number | null;
  hdop: number | null;
  fix_time_ms: number | null;
  received_ms: number | null;
  incident_id: number | null;
  firmware: string | null;
  /** Since when the receiver has no position; then the position is the last known. */
  no_fix_since_ms: number | null;
  /** Since when the officer is in distress. */
  emergency_ms: number | null;
  /** What the unit refused last, and why. */
  refusal: string | null;
  kind: string;
  skills: string[];
  agency: string;
  sector: string;
  duty: string;
  duty_ms: number | null;
}

export const PHASES = ["waiting", "offered", "assigned", "en_route", "on_scene", "closed"] as const;
export type Phase = (typeof PHASES)[number];

export type Kind = "emergency" | "drill";

/** A unit as it was weighed for an incident; `excluded` says why it could not be asked, null for one that could. */
export interface Candidate {
  unit_id: string;
  eta_s: number | null;
  distance_m: number | null;
  method: string;
  excluded?: string | null;
  early_s?: number | null;
  late_s?: number | null;
  line_m?: number | null;
  age_s?: number | null;
  worked_s?: number;
  orders?: number;
  cover_ppm?: number;
  takes_from?: number | null;
}

/** The data of an `offered` event. */
export interface OfferData {
  chosen?: string;
  candidates?: Candidate[];
  excluded?: Candidate[];
  eligible_count?: number;
  excluded_counts?: Record<string, number>;
  eta_method?: string;
  why?: string;
}

export interface TimelineEvent {
  seq: number;
  time_ms: number;
  kind: string;
  actor: string;
  unit_id: string | null;
  data: Record<string, unknown>;
}

export interface Incident {
  incident_id: number;
  alert_id: string;
  phase: Phase;
  kind: Kind;
  priority: number;
  lat: number;
  lon: number;
  accuracy_m: number | null;
  street: string;
  text: string | null;
  pressed_ms: number | null;
  received_ms: number;
  unit_id: string | null;
  eta_s: number | null;
  eta_method: string | null;
  closed_ms: number | null;
  disposition: string | null;
  verdict: string | null;
  tier: string | null;
  mode: string | null;
  reasons: string[];
  held: string | null;
  alarms: string[];
  presented_ms: number | null;
  answered_ms: number | null;
  wanted: number | null;
  units: UnitPart[];
  linked: LinkedAlert[];
  cancel: CancelRequest | null;
  timeline: TimelineEvent[];
}

/** One unit's part in an incident. */
export interface UnitPart {
  unit_id: string;
  order_id: number;
  phase: Phase;
  eta_s: number | null;
  promised_s: number | null;
  arrived_ms: number | null;
  warnings: string[];
}

export interface LinkedAlert {
  alert_id: string;
  source: string;
  lat: number;
  lon: number;
  text: string;
  received_ms: number;
}

export interface CancelRequest {
  reason: string;
  confirmed: boolean;
  time_ms: number;
}

export interface Snapshot {
  now_ms: number;
  units: Unit[];
  incidents: Incident[];
  counters: Record<string, number>;
}

/** What a citizen's page may know about its own alert. */
export interface AlertState {
  alert_id: string;
  incident_id: number;
  state: "received" | "coming" | "arrived" | "closed";
  eta_s: number | null;
  unit: string | null;
  pressed_ms?: number | null;
  received_ms?: number | null;
}

export interface AlertRequest {
  id: string;
  lat: number;
  lon: number;
  accuracy_m: number;
  pressed_ms: number;
  kind: Kind;
  device?: string;
}
