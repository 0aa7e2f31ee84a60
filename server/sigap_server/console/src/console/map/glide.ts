/** A marker's way from where it was drawn to where the newest fix put it. Times in ms of one clock, places in world units. */

import type { WorldPoint } from "./mercator.ts";

// A car that reports once a second moves without a stop; one that reports seldom is at its newest place within a second.
const SHORTEST_MS = 250;
const LONGEST_MS = 1_000;
// Beyond about 800 m it did not drive there in one report: show it where it is.
const JUMP = 2e-5;

export class Glide {
  private from: WorldPoint;
  private to: WorldPoint;
  private startMs: number;
  private durationMs = 0;

  constructor(at: WorldPoint, nowMs: number) {
    this.from = at;
    this.to = at;
    this.startMs = nowMs;
  }

  get target(): WorldPoint {
    return this.to;
  }

  at(nowMs: number): WorldPoint {
    const part = this.durationMs > 0 ? Math.min(1, (nowMs - this.startMs) / this.durationMs) : 1;
    return {
      x: this.from.x + (this.to.x - this.from.x) * part,
      y: this.from.y + (this.to.y - this.from.y) * part,
    };
  }

  moving(nowMs: number): boolean {
    return nowMs < this.startMs + this.durationMs;
  }

  /** World units a millisecond, 0 at rest. */
  speed(nowMs: number): number {
    if (!this.moving(nowMs)) return 0;
    return Math.hypot(this.to.x - this.from.x, this.to.y - this.from.y) / this.durationMs;
  }

  moveTo(to: WorldPoint, nowMs: number, animated: boolean): void {
    const sinceLastMs = nowMs - this.startMs;
    this.from = this.at(nowMs);
    this.to = to;
    this.startMs = nowMs;
    const jump = Math.hypot(to.x - this.from.x, to.y - this.from.y) > JUMP;
    this.durationMs = animated && !jump ? Math.min(Math.max(sinceLastMs, SHORTEST_MS), LONGEST_MS) : 0;
  }
}
