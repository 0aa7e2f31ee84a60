import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { UNIT_STATUSES } from "../api/model.ts";
import { formatPosition } from "./format.ts";
import { showOnMap } from "./map_picture.ts";
import {
  fitAll,
  focusUnitId,
  following,
  framing,
  selectedUnitId,
  selectIncident,
  selectUnit,
  takeMap,
  toggleFollowing,
} from "./state.ts";
import { text } from "./text/current.ts";

const pointer = signal("");
const broken = signal(false);
const zoomRequests = signal(0);

export function MapPanel() {
  const words = text.value;
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => keepMap(container.current!), []);
  return (
    <main class="map-panel">
      <div class="map" ref={container} />
      {broken.value && <p class="no-map">{words.noMap}</p>}
      <div class="map-buttons">
        <button type="button" onClick={() => (zoomRequests.value += 1)} aria-label="+">
          +
        </button>
        <button type="button" onClick={() => (zoomRequests.value -= 1)} aria-label="−">
          −
        </button>
        <button type="button" onClick={fitAll} title={`${words.fitAll} (a)`}>
          {words.fitAll} <kbd>a</kbd>
        </button>
        <button
          type="button"
          aria-pressed={following.value}
          disabled={focusUnitId.value === null}
          onClick={toggleFollowing}
          title={`${words.follow} (f)`}
        >
          {following.value ? words.following : words.follow} <kbd>f</kbd>
        </button>
      </div>
      <ul class="legend" aria-label={words.legend}>
        {UNIT_STATUSES.map((status) => (
          <li key={status}>
            <i class="dot" data-status={status} /> {words.status[status]}
          </li>
        ))}
        <li>
          <i class="dot" data-link="stale" /> {words.link.stale}
        </li>
        <li>
          <i class="dot" data-link="lost" /> {words.link.lost}
        </li>
      </ul>
      <output class="pointer" aria-hidden="true">
        {pointer.value}
      </output>
    </main>
  );
}

/** Load the map after the rest of the page stands, and keep it in step with the state until the page lets go of it. */
function keepMap(container: HTMLElement): () => void {
  const endings: (() => void)[] = [];
  let ended = false;
  void import("./map/view.ts").then(({ MapView }) => {
    if (ended) return;
    try {
      const view = new MapView(container, {
        chooseUnit: (id) => selectUnit(id === selectedUnitId.peek() ? null : id),
        chooseIncident: selectIncident,
        grabbed: takeMap,
        pointerAt: (lat, lon) => (pointer.value = formatPosition(lat, lon)),
      });
      endings.push(showOnMap(view), () => view.destroy());
      let zoomed = zoomRequests.peek();
      endings.push(
        effect(() => {
          if (zoomRequests.value === zoomed) return;
          framing.value = false;
          view.zoomBy(zoomRequests.value - zoomed);
          zoomed = zoomRequests.value;
        }),
      );
    } catch (error) {
      broken.value = true;
      console.warn("map not available", error);
    }
  });
  return () => {
    ended = true;
    for (const end of endings) end();
  };
}
