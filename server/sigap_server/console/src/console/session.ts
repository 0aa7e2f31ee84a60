/** Who is at the console, and the live stream that runs while somebody is. */

import { Refusal, request } from "../api/http.ts";
import { LiveConnection } from "../api/live.ts";
import * as state from "./state.ts";

const live = new LiveConnection({
  snapshot: state.applySnapshot,
  units: state.applyUnits,
  incident: state.applyIncident,
  counters: (counters) => {
    state.counters.value = counters;
  },
  lost: () => {
    state.applyLost();
    // The stream does not say why it ended; an ended session is told apart by asking.
    void resume();
  },
});

/** Ask the server who is signed in. Without an answer everything stays as it is. */
export async function resume(): Promise<void> {
  try {
    const { name } = await request<{ name: string }>("GET", "/api/v1/session");
    if (typeof state.session.peek() !== "object") enter(name);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) leave();
    else if (state.session.peek() === "asking") setTimeout(() => void resume(), 2_000);
  }
}

/** Throws Refusal (401: wrong name or password, 429: too many attempts) or the browser's error without an answer. */
export async function signIn(name: string, password: string): Promise<void> {
  await request("POST", "/api/v1/session", { name, password });
  enter(name);
}

export async function signOut(): Promise<void> {
  leave();
  await request("DELETE", "/api/v1/session").catch(() => undefined);
}

function enter(name: string): void {
  state.session.value = { name };
  state.connection.value = "connecting";
  live.open();
}

function leave(): void {
  live.close();
  state.forget();
  state.session.value = "signed_out";
}
