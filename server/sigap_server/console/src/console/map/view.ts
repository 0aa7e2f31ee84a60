/** The map: MapLibre for the ground, the camera and the gestures; the car layer and the incidents' markers above it. */

import { signal } from "@preact/signals";
import { type LngLatBoundsLike, Map as MapLibre, type GeoJSONSource, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { CarLayer } from "./car_layer.ts";
import { type Graticule, graticule, suffices } from "./graticule.ts";
import { IncidentMarkers } from "./incident_markers.ts";
import { degrees, worldPoint } from "./mercator.ts";
import { Projection } from "./projection.ts";
import { GRID_SOURCE, mapStyle } from "./style.ts";

export interface MapEvents {
  chooseUnit(unitId: string | null): void;
  chooseIncident(incidentId: number): void;
  /** The person took the map in hand: following ends. */
  grabbed(): void;
  pointerAt(lat: number, lon: number): void;
}

// Bandung, until there is something to show.
const FIRST_CENTRE: [number, number] = [107.6191, -6.9175];
const FIRST_ZOOM = 12.2;
const FOLLOW_ZOOM = 14.5;
const FIT_ZOOM_MOST = 15;
const FIT_PADDING_PX = 70;
// Nearer to the edge than this a car's label is cut off, or the legend covers it.
const EDGE_PX = 36;

export class MapView {
  readonly cars: CarLayer;
  readonly incidents: IncidentMarkers;
  /** Goes up whenever the map comes to rest. */
  readonly rests = signal(0);
  private readonly map: MapLibre;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private grid: Graticule | null = null;

  /** Throws when the browser has no WebGL 2. */
  constructor(container: HTMLElement, events: MapEvents) {
    setWorkerUrl(workerUrl);
    this.map = new MapLibre({
      container,
      style: mapStyle,
      center: FIRST_CENTRE,
      zoom: FIRST_ZOOM,
      minZoom: 3,
      maxZoom: 19,
      maxPitch: 0,
      dragRotate: false,
      touchPitch: false,
      attributionControl: false,
      renderWorldCopies: false,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 140, unit: "metric" }), "bottom-left");
    this.cars = new CarLayer(() => new Projection(this.map), this.calm);
    this.map.getCanvasContainer().append(this.cars.canvas);
    this.incidents = new IncidentMarkers(this.map, events.chooseIncident);
    this.listen(events);
    this.resize();
  }

  zoomBy(steps: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + steps, ...this.pace(200) });
  }

  /** Bring everything in [lon, lat] pairs into view. */
  fit(places: [number, number][]): void {
    if (places.length === 0) return;
    const lons = places.map(([lon]) => lon);
    const lats = places.map(([, lat]) => lat);
    const bounds: LngLatBoundsLike = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
    this.map.fitBounds(bounds, { padding: FIT_PADDING_PX, maxZoom: FIT_ZOOM_MOST, ...this.pace(500) });
  }

  get moving(): boolean {
    return this.map.isMoving();
  }

  /** Whether all of these, [lon, lat], are well in view. */
  shows(places: [number, number][]): boolean {
    const view = new Projection(this.map);
    return places.every(([lon, lat]) => view.shows(worldPoint(lat, lon), -EDGE_PX));
  }

  /** Bring a car to the middle, where it is drawn now; call it again and again to keep it there. */
  follow(unitId: string): void {
    const place = this.cars.placeOf(unitId);
    if (!place) return;
    this.map.easeTo({
      center: degrees(place),
      zoom: Math.max(this.map.getZoom(), FOLLOW_ZOOM),
      easing: (part) => part,
      ...this.pace(400),
    });
  }

  /** Move only if the place is not in view yet. */
  reveal(lat: number, lon: number): void {
    if (!this.map.getBounds().contains([lon, lat])) this.map.easeTo({ center: [lon, lat], ...this.pace(500) });
  }

  destroy(): void {
    this.cars.destroy();
    this.map.remove();
  }

  private pace(ms: number): { duration: number } {
    return { duration: this.calm ? 0 : ms };
  }

  private listen(events: MapEvents): void {
    const { map } = this;
    map.on("load", () => this.drawGrid());
    // Everything is loaded and drawn: the style sheet fades the map in.
    map.once("idle", () => map.getContainer().classList.add("drawn"));
    map.on("move", () => this.drawGrid());
    // Later, because one movement that replaces another ends that at once, within the effect that began it.
    map.on("moveend", () => queueMicrotask(() => (this.rests.value += 1)));
    map.on("render", () => this.cars.paint());
    map.on("resize", () => this.resize());
    for (const gesture of ["dragstart", "wheel", "dblclick", "boxzoomstart"] as const) {
      map.on(gesture, () => events.grabbed());
    }
    map.on("click", (event) => events.chooseUnit(this.cars.hit(event.point.x, event.point.y)));
    map.on("mousemove", (event) => {
      const over = this.cars.hit(event.point.x, event.point.y) !== null;
      map.getCanvas().style.cursor = over ? "pointer" : "";
      events.pointerAt(event.lngLat.lat, event.lngLat.lng);
    });
  }

  private resize(): void {
    const canvas = this.map.getCanvas();
    this.cars.resize(canvas.clientWidth, canvas.clientHeight);
    this.drawGrid();
  }

  private drawGrid(): void {
    const source = this.map.getSource<GeoJSONSource>(GRID_SOURCE);
    if (!source) return;
    const bounds = this.map.getBounds();
    const view = {
      west: bounds.getWest(),
      south: bounds.getSouth(),
      east: bounds.getEast(),
      north: bounds.getNorth(),
    };
    if (this.grid && suffices(this.grid, view)) return;
    this.grid = graticule(view);
    source.setData(this.grid.lines);
  }
}
