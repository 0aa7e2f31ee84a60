/** The line to one simulated unit: a WebSocket beside the page's own address, opened again whenever it breaks. */

import type { Tone } from "./buzzer.ts";

export const BUTTONS = ["accept", "decline", "on_scene", "clear"] as const;
export type ButtonName = (typeof BUTTONS)[number];

/** What the simulator says: any of these in one message. */
interface Message {
  unit_id?: string;
  callsign?: string;
  /** base64 of one frame. */
  display?: string;
  buzzer?: Tone[];
}

export interface Handlers {
  unit(unitId: string, callsign: string): void;
  display(base64: string): void;
  buzzer(pattern: Tone[]): void;
  connected(connected: boolean): void;
}

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 4_000;

export class UnitConnection {
  private readonly handlers: Handlers;
  private socket: WebSocket | null = null;
  private retryMs = RETRY_FIRST_MS;

  constructor(handlers: Handlers) {
    this.handlers = handlers;
    this.open();
  }

  /** A finger goes down on a button, or comes up; false if there is no unit on the line to feel it. */
  edge(button: ButtonName, down: boolean): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(down ? { down: button } : { up: button }));
    return true;
  }

  private open(): void {
    const { protocol, host, pathname } = window.location;
    const scheme = protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${host}${pathname.replace(/\/$/, "")}/ws`);
    this.socket = socket;
    socket.onopen = () => {
      this.retryMs = RETRY_FIRST_MS;
      this.handlers.connected(true);
    };
    socket.onmessage = (event: MessageEvent<string>) => this.take(JSON.parse(event.data) as Message);
    socket.onclose = () => {
      this.handlers.connected(false);
      setTimeout(() => this.open(), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, RETRY_MOST_MS);
    };
  }

  private take(message: Message): void {
    if (message.unit_id !== undefined) this.handlers.unit(message.unit_id, message.callsign ?? message.unit_id);
    if (message.display !== undefined) this.handlers.display(message.display);
    if (message.buzzer !== undefined) this.handlers.buzzer(message.buzzer);
  }
}
