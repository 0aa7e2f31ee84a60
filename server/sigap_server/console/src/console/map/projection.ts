/** From world units to pixels of the map's canvas. The map is never turned or tilted, so this is one multiplication. */

import type { Map as MapLibre } from "maplibre-gl";
import { type WorldPoint, worldPoint } from "./mercator.ts";

const TILE_PX = 512;

export class Projection {
  /** Size of the view in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels the whole world is wide. */
  readonly worldPx: number;
  /** How large to draw a car: smaller when a whole province is in view. */
  readonly carScale: number;
  private readonly left: number;
  private readonly top: number;

  constructor(map: MapLibre) {
    const canvas = map.getCanvas();
    this.width = canvas.clientWidth;
    this.height = canvas.clientHeight;
    this.worldPx = TILE_PX * 2 ** map.getZoom();
    this.carScale = Math.min(1, Math.max(0.62, 0.62 + (map.getZoom() - 10) * 0.16));
    const { lat, lng } = map.getCenter();
    const centre = worldPoint(lat, lng);
    const pixel = map.project([lng, lat]);
    this.left = centre.x * this.worldPx - pixel.x;
    this.top = centre.y * this.worldPx - pixel.y;
  }

  x(point: WorldPoint): number {
    return point.x * this.worldPx - this.left;
  }

  y(point: WorldPoint): number {
    return point.y * this.worldPx - this.top;
  }

  /** Whether a point is in view, or not further than `marginPx` outside of it. */
  shows(point: WorldPoint, marginPx: number): boolean {
    const x = this.x(point);
    const y = this.y(point);
    return x > -marginPx && y > -marginPx && x < this.width + marginPx && y < this.height + marginPx;
  }
}
