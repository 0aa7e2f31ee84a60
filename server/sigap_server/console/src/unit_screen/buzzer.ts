/** The unit's buzzer, heard and seen: a browser lets a page make sounds only after a first click. */

/** One tone: frequency in Hz, sounding time and pause after it in ms. */
export type Tone = [number, number, number];

const VOLUME = 0.06; // a square wave is loud

export class Buzzer {
  private context: AudioContext | null = null;
  private readonly flash: (lit: boolean) => void;
  private timers: number[] = [];

  constructor(flash: (lit: boolean) => void) {
    this.flash = flash;
  }

  get audible(): boolean {
    return this.context?.state === "running";
  }

  /** Call it from a click or a key. */
  async allow(): Promise<void> {
    this.context ??= new AudioContext();
    await this.context.resume();
  }

  /** Play a pattern; one that still sounds is cut off, as on the unit. */
  play(pattern: Tone[]): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
    this.flash(false);
    let atMs = 0;
    for (const [frequencyHz, onMs, offMs] of pattern) {
      this.timers.push(
        window.setTimeout(() => {
          this.flash(true);
          this.sound(frequencyHz, onMs);
        }, atMs),
        window.setTimeout(() => this.flash(false), atMs + onMs),
      );
      atMs += onMs + offMs;
    }
  }

  private sound(frequencyHz: number, onMs: number): void {
    if (!this.context || !this.audible || frequencyHz <= 0) return;
    const tone = new OscillatorNode(this.context, { type: "square", frequency: frequencyHz });
    const volume = new GainNode(this.context, { gain: VOLUME });
    tone.connect(volume).connect(this.context.destination);
    tone.start();
    tone.stop(this.context.currentTime + onMs / 1000);
  }
}
