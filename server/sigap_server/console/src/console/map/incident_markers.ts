/** The incidents' places: few, so they are real elements that can be focused, read out and animated by the style sheet. */

import { type Map as MapLibre, Marker } from "maplibre-gl";
import type { Incident } from "../../api/model.ts";

export class IncidentMarkers {
  private readonly map: MapLibre;
  private readonly markers = new Map<number, Marker>();
  private readonly onChoose: (incidentId: number) => void;

  constructor(map: MapLibre, onChoose: (incidentId: number) => void) {
    this.map = map;
    this.onChoose = onChoose;
  }

  show(incidents: Incident[], chosenId: number | null, name: (incident: Incident) => string): void {
    const shown = new Set(incidents.map((incident) => incident.incident_id));
    for (const [id, marker] of this.markers) {
      if (shown.has(id)) continue;
      marker.remove();
      this.markers.delete(id);
    }
    for (const incident of incidents) {
      const marker = this.markers.get(incident.incident_id) ?? this.add(incident);
      marker.setLngLat([incident.lon, incident.lat]);
      const element = marker.getElement();
      element.dataset.phase = incident.phase;
      element.dataset.kind = incident.kind;
      element.classList.toggle("chosen", incident.incident_id === chosenId);
      element.setAttribute("aria-label", name(incident));
    }
  }

  private add(incident: Incident): Marker {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "incident-marker";
    const pin = document.createElement("span");
    pin.className = "pin";
    pin.textContent = String(incident.incident_id);
    element.append(pin);
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      this.onChoose(incident.incident_id);
    });
    const marker = new Marker({ element, anchor: "center" }).setLngLat([incident.lon, incident.lat]).addTo(this.map);
    this.markers.set(incident.incident_id, marker);
    return marker;
  }
}
