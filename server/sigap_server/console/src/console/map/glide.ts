/** A marker's way over the map. Times in ms of one clock, places in world units, velocities in world units a ms.
 *
 * Between two reports the car is drawn where its last speed and course carry it, and never further from its last fix
 * than it would have come without reporting again. What it was drawn wrong by fades away after each report.
 */

import type { WorldPoint } from "./mercator.ts";

export const STILL: WorldPoint = { x: 0, y: 0 };

// A unit reports at the latest after 50 m, or by turning; beyond that it must have stopped.
const CARRY_M = 50;
const CARRY_MS = 10_000;
const FADE_MS = 600;
// Further than this it did not drive between two reports: show it where it is.
const LEAP_M = 800;

export class Glide {
  private fix: WorldPoint;
  private velocity = STILL;
  private error = STILL;
  private startMs: number;
  private carryMs = 0;
  private readonly worldPerMetre: number;

  constructor(at: WorldPoint, worldPerMetre: number, nowMs: number) {
    this.fix = at;
    this.worldPerMetre = worldPerMetre;
    this.startMs = nowMs;
  }

  /** The newest fix itself. */
  get target(): WorldPoint {
    return this.fix;
  }

  at(nowMs: number): WorldPoint {
    const runMs = Math.min(nowMs - this.startMs, this.carryMs);
    const left = Math.max(0, 1 - (nowMs - this.startMs) / FADE_MS);
    return {
      x: this.fix.x + this.velocity.x * runMs + this.error.x * left,
      y: this.fix.y + this.velocity.y * runMs + this.error.y * left,
    };
  }

  /** How fast the marker moves, 0 at rest. */
  speed(nowMs: number): number {
    const ranMs = nowMs - this.startMs;
    const carried = ranMs < this.carryMs ? Math.hypot(this.velocity.x, this.velocity.y) : 0;
    const fading = ranMs < FADE_MS ? Math.hypot(this.error.x, this.error.y) / FADE_MS : 0;
    return carried + fading;
  }

  /** A new fix. Without `animated` the marker stands at its fixes. */
  moveTo(fix: WorldPoint, velocity: WorldPoint, nowMs: number, animated: boolean): void {
    const drawn = this.at(nowMs);
    const speed = Math.hypot(velocity.x, velocity.y);
    this.fix = fix;
    this.startMs = nowMs;
    this.velocity = velocity;
    this.carryMs = animated && speed > 0 ? Math.min(CARRY_MS, (CARRY_M * this.worldPerMetre) / speed) : 0;
    const error = { x: drawn.x - fix.x, y: drawn.y - fix.y };
    const leapt = Math.hypot(error.x, error.y) > LEAP_M * this.worldPerMetre;
    this.error = animated && !leapt ? error : STILL;
  }
}

/** Speed and course as a velocity over the map; at rest or without a course there is none. */
export function velocityOf(speedMps: number | null, courseDeg: number | null, worldPerMetre: number): WorldPoint {
  if (speedMps === null || courseDeg === null) return STILL;
  const perMs = (speedMps / 1000) * worldPerMetre;
  const angle = (courseDeg * Math.PI) / 180;
  return { x: perMs * Math.sin(angle), y: -perMs * Math.cos(angle) };
}
