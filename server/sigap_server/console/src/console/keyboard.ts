/** The console's keys; `text/*.ts` lists them for the help. */

import { fitAll, following, helpOpen, selectUnit, session, stepIncident, toggleFollowing } from "./state.ts";

const ACTIONS: Record<string, () => void> = {
  j: () => stepIncident(1),
  k: () => stepIncident(-1),
  ArrowDown: () => stepIncident(1),
  ArrowUp: () => stepIncident(-1),
  f: toggleFollowing,
  a: fitAll,
  "/": () => document.getElementById("unit-filter")?.focus(),
  "?": () => (helpOpen.value = !helpOpen.peek()),
  Escape: release,
};

export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (typeof session.peek() !== "object" || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (event.key !== "Escape" && usesKeyItself(target, event.key)) return;
    const action = ACTIONS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// Text fields take every key; the map and scrolling lists keep the arrows.
function usesKeyItself(target: HTMLElement, key: string): boolean {
  if (target.closest("input, textarea, select")) return true;
  return key.startsWith("Arrow") && target.closest(".maplibregl-canvas, .timeline-scroll") !== null;
}

function release(): void {
  if (helpOpen.peek()) {
    helpOpen.value = false;
    return;
  }
  (document.activeElement as HTMLElement | null)?.blur();
  following.value = false;
  selectUnit(null);
}
