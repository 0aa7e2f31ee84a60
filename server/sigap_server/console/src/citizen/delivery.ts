/** Brings one alert to the server, however long that takes, and then asks how it goes on. */

import { Refusal, request } from "../api/http.ts";
import type { AlertRequest, AlertState } from "../api/model.ts";
import { type AlertRecord, saveRecord } from "./alert_record.ts";
import { deviceId } from "./ids.ts";

const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 8_000;
const POLL_MS = 2_000;

export interface DeliveryStatus {
  /** How often it was tried, 0 before the first time. */
  attempts: number;
  /** The server said no for good: its code. */
  refused: string | null;
  /** The last question how it goes on got no answer. */
  silent: boolean;
}

export class Delivery {
  readonly record: AlertRecord;
  readonly status: DeliveryStatus = { attempts: 0, refused: null, silent: false };
  private readonly changed: () => void;
  private timer = 0;
  private busy = false;
  private ended = false;
  private readonly hurry = () => this.step();

  constructor(record: AlertRecord, changed: () => void) {
    this.record = record;
    this.changed = changed;
    saveRecord(record);
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
  }

  /** Take the next step now. Does nothing while a step is under way, without a place, or after the end. */
  step(): void {
    if (this.busy || this.ended || !this.record.place) return;
    clearTimeout(this.timer);
    this.busy = true;
    void (this.record.answer ? this.ask() : this.send()).then((waitMs) => {
      this.busy = false;
      this.changed();
      if (!this.ended && waitMs !== null) this.timer = window.setTimeout(() => this.step(), waitMs);
    });
  }

  /** Let go of the alert, so that another can be made. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    saveRecord(null);
  }

  private async send(): Promise<number | null> {
    const { id, kind, pressed_ms, place } = this.record;
    const device = deviceId();
    const alert: AlertRequest = { id, kind, pressed_ms, ...place!, ...(device && { device }) };
    this.status.attempts += 1;
    this.changed();
    try {
      this.keep(await request<AlertState>("POST", "/api/v1/alerts", alert));
      navigator.vibrate?.([80, 60, 80]);
      return POLL_MS;
    } catch (error) {
      if (error instanceof Refusal && isFinal(error)) {
        this.status.refused = error.code;
        saveRecord(null);
        return null;
      }
      const asked = error instanceof Refusal && error.retryAfterS !== null ? error.retryAfterS * 1_000 : 0;
      return Math.max(asked, Math.min(RETRY_FIRST_MS * 1.6 ** (this.status.attempts - 1), RETRY_MOST_MS));
    }
  }

  private async ask(): Promise<number | null> {
    try {
      this.keep(await request<AlertState>("GET", `/api/v1/alerts/${this.record.id}`));
      this.status.silent = false;
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return this.sendAgain();
      this.status.silent = true;
    }
    return this.record.answer?.state === "closed" ? null : POLL_MS;
  }

  // The server has forgotten what it confirmed (its data was set back): it has to hear of it again.
  private sendAgain(): number {
    delete this.record.answer;
    saveRecord(this.record);
    return 0;
  }

  private keep(answer: AlertState): void {
    if (answer.state !== this.record.answer?.state) navigator.vibrate?.(60);
    this.record.answer = answer;
    saveRecord(this.record);
  }
}

// Too busy, too many, or broken for now: all of these pass. Anything else in the 400s will not change by repeating.
function isFinal(refusal: Refusal): boolean {
  return refusal.status >= 400 && refusal.status < 500 && ![408, 425, 429].includes(refusal.status);
}
