/** The grid behind the cars: parallels and meridians for what is in view, as GeoJSON with their own labels. */

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

export interface Graticule {
  stepDeg: number;
  lines: GeoJSON.FeatureCollection<GeoJSON.LineString, { label: string; major: boolean }>;
  /** Where these lines suffice; beyond it they have to be made anew. */
  covers: Bounds;
}

const STEPS_DEG = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
const FEWEST_LINES = 5;
const LAT_MOST = 85;

/** The widest step that still draws FEWEST_LINES across the view. */
export function stepFor(spanDeg: number): number {
  return STEPS_DEG.find((step) => spanDeg / step >= FEWEST_LINES) ?? STEPS_DEG.at(-1)!;
}

export function graticule(view: Bounds): Graticule {
  const lonSpan = view.east - view.west;
  const latSpan = view.north - view.south;
  const stepDeg = stepFor(lonSpan);
  // A view's width more on every side, so that dragging does not run out of lines.
  const covers = {
    west: view.west - lonSpan,
    east: view.east + lonSpan,
    south: Math.max(view.south - latSpan, -LAT_MOST),
    north: Math.min(view.north + latSpan, LAT_MOST),
  };
  const features: Graticule["lines"]["features"] = [];
  for (const lon of multiples(covers.west, covers.east, stepDeg)) {
    features.push(line([lon, covers.south], [lon, covers.north], label(lon, stepDeg, "E", "W"), lon, stepDeg));
  }
  for (const lat of multiples(covers.south, covers.north, stepDeg)) {
    features.push(line([covers.west, lat], [covers.east, lat], label(lat, stepDeg, "N", "S"), lat, stepDeg));
  }
  return { stepDeg, lines: { type: "FeatureCollection", features }, covers };
}

export function suffices(made: Graticule, view: Bounds): boolean {
  const { covers } = made;
  const inside =
    view.west >= covers.west && view.east <= covers.east && view.south >= covers.south && view.north <= covers.north;
  return inside && made.stepDeg === stepFor(view.east - view.west);
}

// Counted in whole steps: adding 0.001 again and again would drift off the round numbers.
function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

function label(deg: number, stepDeg: number, positive: string, negative: string): string {
  const decimals = Math.max(0, Math.ceil(-Math.log10(stepDeg) - 1e-9));
  return `${Math.abs(deg).toFixed(decimals)}° ${deg < 0 ? negative : positive}`;
}

function line(
  a: [number, number],
  b: [number, number],
  text: string,
  deg: number,
  stepDeg: number,
): Graticule["lines"]["features"][number] {
  const major = Math.abs(Math.round(deg / stepDeg)) % 5 === 0;
  return {
    type: "Feature",
    properties: { label: text, major },
    geometry: { type: "LineString", coordinates: [a, b] },
  };
}
