/** The unit's display: 128 × 64 pixels as the SSD1306 keeps them, drawn as separate dots of light. */

export const WIDTH = 128;
export const HEIGHT = 64;
export const FRAME_BYTES = (WIDTH * HEIGHT) / 8;

/** Whether a pixel is lit in a MONO_VLSB frame: each byte is a column of eight, its lowest bit on top. */
export function isLit(frame: Uint8Array, x: number, y: number): boolean {
  return ((frame[x + (y >> 3) * WIDTH]! >> (y & 7)) & 1) === 1;
}

/** Decode a frame. Throws if it is not base64 of FRAME_BYTES bytes. */
export function decodeFrame(base64: string): Uint8Array {
  const text = atob(base64);
  if (text.length !== FRAME_BYTES) throw new Error(`a frame has ${FRAME_BYTES} bytes, not ${text.length}`);
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const GLASS = "#04070b";
const DARK_DOT = "#0b131c";
const LIT_DOT = "#dff3ff";

export class Oled {
  private readonly canvas: HTMLCanvasElement;
  private frame = new Uint8Array(FRAME_BYTES);

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }

  show(frame: Uint8Array): void {
    this.frame = new Uint8Array(frame);
    this.draw();
  }

  /** Fit the dots to the width at hand: every dot the same whole number of device pixels, so that all are sharp. */
  fit(widthPx: number): void {
    const ratio = window.devicePixelRatio || 1;
    const dot = Math.max(2, Math.floor((widthPx * ratio) / WIDTH));
    this.canvas.width = dot * WIDTH;
    this.canvas.height = dot * HEIGHT;
    this.canvas.style.width = `${(dot * WIDTH) / ratio}px`;
    this.draw();
  }

  private draw(): void {
    const pen = this.canvas.getContext("2d")!;
    const dot = this.canvas.width / WIDTH;
    // The gaps between the dots would swallow small ones.
    const lit = dot < 4 ? dot : dot - Math.max(1, Math.round(dot / 7));
    pen.fillStyle = GLASS;
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    for (const [colour, wanted] of [
      [DARK_DOT, false],
      [LIT_DOT, true],
    ] as const) {
      pen.fillStyle = colour;
      for (let y = 0; y < HEIGHT; y++) {
        for (let x = 0; x < WIDTH; x++) {
          if (isLit(this.frame, x, y) === wanted) pen.fillRect(x * dot, y * dot, lit, lit);
        }
      }
    }
  }
}
