/** The stream of changes (Server-Sent Events), kept open: it reconnects and starts from a fresh snapshot by itself. */

import type { Incident, Snapshot, Unit } from "./model.ts";

export interface LiveHandlers {
  snapshot(snapshot: Snapshot): void;
  units(units: Unit[]): void;
  incident(incident: Incident): void;
  counters(counters: Record<string, number>): void;
  lost(): void;
}

// Counters come every 2 s, so two missed ones and a little mean that the connection is dead though open.
const SILENCE_MS = 5_000;
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 4_000;

export class LiveConnection {
  private readonly handlers: LiveHandlers;
  private source: EventSource | null = null;
  private watchdog = 0;
  private retryTimer = 0;
  private retryMs = RETRY_FIRST_MS;

  constructor(handlers: LiveHandlers) {
    this.handlers = handlers;
  }

  open(): void {
    this.close();
    const source = new EventSource("/api/v1/live");
    this.source = source;
    this.listen<Snapshot>(source, "snapshot", (snapshot) => {
      this.retryMs = RETRY_FIRST_MS;
      this.handlers.snapshot(snapshot);
    });
    this.listen<Unit[]>(source, "units", this.handlers.units);
    this.listen<Incident>(source, "incident", this.handlers.incident);
    this.listen<Record<string, number>>(source, "counters", this.handlers.counters);
    source.onerror = () => this.drop();
    this.heard();
  }

  close(): void {
    clearTimeout(this.watchdog);
    clearTimeout(this.retryTimer);
    this.source?.close();
    this.source = null;
  }

  private listen<T>(source: EventSource, name: string, handle: (data: T) => void): void {
    source.addEventListener(name, (event) => {
      this.heard();
      handle(JSON.parse((event as MessageEvent<string>).data) as T);
    });
  }

  private heard(): void {
    clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(() => this.drop(), SILENCE_MS);
  }

  // The browser would retry by itself, but not after an answer of 401 or 503, and at its own slow pace.
  private drop(): void {
    this.close();
    this.handlers.lost();
    this.retryTimer = window.setTimeout(() => this.open(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MOST_MS);
  }
}
