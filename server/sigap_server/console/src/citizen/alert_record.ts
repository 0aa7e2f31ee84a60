/** The alert this phone has made, kept so that neither a reload nor a dead battery loses it. */

import type { AlertState, Kind } from "../api/model.ts";

export interface AlertRecord {
  id: string;
  kind: Kind;
  pressed_ms: number;
  /** Absent while the phone does not know yet where it is. */
  place?: { lat: number; lon: number; accuracy_m: number };
  /** The server's newest answer; absent until it confirmed that it has the alert. */
  answer?: AlertState;
}

const KEY = "sigap.alert";
// Whoever opens the page again long after it all ended starts anew.
const FORGET_MS = 6 * 3_600_000;

export function loadRecord(nowMs: number): AlertRecord | null {
  try {
    const record = JSON.parse(localStorage.getItem(KEY) ?? "null") as AlertRecord | null;
    if (typeof record?.id !== "string") return null;
    return record.answer && nowMs - record.pressed_ms > FORGET_MS ? null : record;
  } catch {
    return null;
  }
}

export function saveRecord(record: AlertRecord | null): void {
  try {
    if (record) localStorage.setItem(KEY, JSON.stringify(record));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage refused: the alert is still sent, only a reload would lose it.
  }
}
