/** Web Mercator: positions as x and y in 0…1 over the world, y southwards, as MapLibre counts them. */

export interface WorldPoint {
  x: number;
  y: number;
}

const EARTH_M = 40_075_016.7;

export function worldPoint(lat: number, lon: number): WorldPoint {
  const sin = Math.sin((lat * Math.PI) / 180);
  return {
    x: lon / 360 + 0.5,
    y: 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI),
  };
}

/** The other way round: [lon, lat] in degrees. */
export function degrees({ x, y }: WorldPoint): [number, number] {
  return [(x - 0.5) * 360, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

/** How much of the world one metre on the ground is, at this latitude. */
export function worldPerMetre(lat: number): number {
  return 1 / (EARTH_M * Math.cos((lat * Math.PI) / 180));
}
