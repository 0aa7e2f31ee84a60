/** Tells a call for help from a touch by accident: three taps, close together. */

export const TAPS_NEEDED = 3;
const WITHIN_MS = 2_000;

export class Taps {
  private times: number[] = [];

  /** Returns how many count now, TAPS_NEEDED when it is a call; the next tap then begins anew. */
  tap(nowMs: number): number {
    this.times = [...this.times.filter((time) => nowMs - time < WITHIN_MS), nowMs];
    const count = this.times.length;
    if (count >= TAPS_NEEDED) this.times = [];
    return count;
  }

  /** How long until the taps made so far no longer count. */
  lapseMs(nowMs: number): number {
    const last = this.times.at(-1);
    return last === undefined ? 0 : Math.max(0, last + WITHIN_MS - nowMs);
  }
}
