/** Keeps the map in step with the state: one effect for each thing that is drawn. */

import { effect } from "@preact/signals";
import type { Incident } from "../api/model.ts";
import { formatEta } from "./format.ts";
import { worldPerMetre, worldPoint } from "./map/mercator.ts";
import { PHASE_COLOUR } from "./map/palette.ts";
import type { MapView } from "./map/view.ts";
import * as state from "./state.ts";
import { text } from "./text/current.ts";

/** Returns the function that ends it. */
export function showOnMap(view: MapView): () => void {
  const endings = [
    effect(() => showUnits(view)),
    effect(() => showIncidents(view)),
    effect(() => view.cars.select(state.focusUnitId.value)),
    effect(() => revealChosen(view)),
    effect(() => follow(view)),
    effect(() => {
      if (state.fitRequests.value > 0) view.fit(placesToShow());
    }),
    keepAllInView(view),
  ];
  return () => {
    for (const end of endings) end();
  };
}

function showUnits(view: MapView): void {
  void state.unitsVersion.value;
  // The labels of silent cars count their age up; with none of them the clock need not repaint anything.
  const { silent, withoutFix } = state.statusCounts.value;
  const now = silent + withoutFix > 0 ? state.nowMs.value : state.nowMs.peek();
  view.cars.setUnits(state.units.values(), now, text.value.noGps);
}

function showIncidents(view: MapView): void {
  const chosenId = state.selectedIncidentId.value;
  const shown: Incident[] = [...state.openIncidents.value];
  const chosen = state.selectedIncident.value;
  if (chosen && !shown.includes(chosen)) shown.push(chosen);
  const words = text.value;
  view.incidents.show(shown, chosenId, (i) => `${words.incident} ${i.incident_id}, ${words.phase[i.phase]}`);
  const tasks = shown
    .filter((i) => i.unit_id !== null && i.phase !== "closed")
    .map((i) => ({
      unitId: i.unit_id!,
      place: worldPoint(i.lat, i.lon),
      colour: PHASE_COLOUR[i.phase],
      label: i.eta_s === null ? words.phase[i.phase] : formatEta(i.eta_s),
      chosen: i.incident_id === chosenId,
    }));
  const discs = shown
    .filter((i) => i.accuracy_m !== null && i.incident_id === chosenId)
    .map((i) => ({
      place: worldPoint(i.lat, i.lon),
      radius: i.accuracy_m! * worldPerMetre(i.lat),
      colour: PHASE_COLOUR[i.phase],
    }));
  view.cars.setTasks(tasks, discs);
}

function revealChosen(view: MapView): void {
  const unitId = state.selectedUnitId.value;
  const unit = unitId === null ? null : state.units.get(unitId);
  if (unit?.lat != null && unit.lon != null) view.reveal(unit.lat, unit.lon);
  if (unitId !== null || state.following.peek() || state.selectedIncidentId.value === null) return;
  const incident = state.selectedIncident.peek();
  if (incident) view.reveal(incident.lat, incident.lon);
}

function follow(view: MapView): void {
  void state.unitsVersion.value;
  if (!state.following.value) return;
  const unitId = state.focusUnitId.value;
  if (unitId !== null) view.follow(unitId);
}

function keepAllInView(view: MapView): () => void {
  let fitted = "";
  return effect(() => {
    void state.unitsVersion.value;
    void state.openIncidents.value;
    void view.rests.value;
    if (!state.framing.value || view.moving) return;
    const places = placesToShow();
    // Places too far apart for any zoom are not tried again and again.
    const wanted = places.join(";");
    if (places.length === 0 || wanted === fitted || (fitted !== "" && view.shows(places))) return;
    fitted = wanted;
    view.fit(places);
  });
}

/** [lon, lat] of everything; a car lost long ago may be far away and is left out while there are others. */
function placesToShow(): [number, number][] {
  const all = [...state.units.values()].filter((unit) => unit.lat !== null && unit.lon !== null);
  const present = all.filter((unit) => unit.link !== "lost" || unit.emergency_ms !== null);
  const places = (present.length > 0 ? present : all).map((unit): [number, number] => [unit.lon!, unit.lat!]);
  for (const incident of state.openIncidents.peek()) places.push([incident.lon, incident.lat]);
  return places;
}
