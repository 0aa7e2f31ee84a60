/** Cars, their trails and the lines to their incidents, on a canvas above the map.
 *
 * Apart from MapLibre's own drawing, so that a moving car repaints this canvas only and not the whole map, and so
 * that nothing is painted while no car would move by a visible part of a pixel.
 */

import type { Unit } from "../../api/model.ts";
import { formatShortAge } from "../format.ts";
import { Glide, STILL, velocityOf } from "./glide.ts";
import { LabelSpace } from "./label_space.ts";
import { type WorldPoint, worldPerMetre, worldPoint } from "./mercator.ts";
import { DISTRESS, STATUS_COLOUR } from "./palette.ts";
import { Sprites } from "./sprites.ts";
import type { Projection } from "./projection.ts";

/** A line from a car to the place it was sent to. */
export interface Task {
  unitId: string;
  place: WorldPoint;
  colour: string;
  label: string;
  chosen: boolean;
}

/** A circle on the ground: how exactly an incident's place is known. */
export interface Disc {
  place: WorldPoint;
  radius: number;
  colour: string;
}

interface Track {
  unit: Unit;
  glide: Glide;
  trail: WorldPoint[];
}

const VISIBLE_PX = 0.4;
const TRAIL_POINTS = 90;
// Trails of a whole large fleet would bury the cars: then only those of cars at work are drawn.
const ALL_TRAILS_MOST = 80;
const STANDING_MPS = 0.8;
const HIT_PX = 16;
const BUSY = new Set(["offered", "assigned", "en_route", "on_scene"]);

export class CarLayer {
  readonly canvas = document.createElement("canvas");
  private readonly pen = this.canvas.getContext("2d")!;
  private readonly tracks = new Map<string, Track>();
  private readonly project: () => Projection;
  private readonly still: boolean;
  private sprites = new Sprites(1);
  private ratio = 1;
  private space = new LabelSpace();
  private tasks: Task[] = [];
  private discs: Disc[] = [];
  private selectedId: string | null = null;
  private nowMs = 0;
  private noGps = "";
  private lastPaintMs = 0;
  private frame = 0;
  private timer = 0;

  /** `still` turns animation off for people who asked their system for that. */
  constructor(project: () => Projection, still: boolean) {
    this.project = project;
    this.still = still;
    this.canvas.className = "car-layer";
  }

  /** Take the fleet as it is now; `nowMs` is the server's clock, for the age of silent cars, `noGps` the word for one
   * that knows no position. */
  setUnits(units: Iterable<Unit>, nowMs: number, noGps: string): void {
    const seen = new Set<string>();
    const drawMs = performance.now();
    this.nowMs = nowMs;
    this.noGps = noGps;
    for (const unit of units) {
      seen.add(unit.unit_id);
      this.setUnit(unit, drawMs);
    }
    for (const id of this.tracks.keys()) if (!seen.has(id)) this.tracks.delete(id);
    this.paintSoon();
  }

  setTasks(tasks: Task[], discs: Disc[]): void {
    this.tasks = tasks;
    this.discs = discs;
    this.paintSoon();
  }

  select(unitId: string | null): void {
    this.selectedId = unitId;
    this.paintSoon();
  }

  /** Where a unit is drawn now. */
  placeOf(unitId: string): WorldPoint | null {
    return this.tracks.get(unitId)?.glide.at(performance.now()) ?? null;
  }

  /** The unit drawn nearest to a point on the screen, if one is close enough to be meant. */
  hit(x: number, y: number): string | null {
    const view = this.project();
    const now = performance.now();
    let found: string | null = null;
    let nearest = HIT_PX;
    for (const [id, track] of this.tracks) {
      const at = track.glide.at(now);
      const away = Math.hypot(view.x(at) - x, view.y(at) - y);
      if (away < nearest) {
        nearest = away;
        found = id;
      }
    }
    return found;
  }

  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio || 1;
    if (ratio !== this.ratio) {
      this.ratio = ratio;
      this.sprites = new Sprites(ratio);
    }
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.paint();
  }

  /** Paint at once, in the frame in which the map itself was painted. */
  paint(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const now = performance.now();
    const view = this.project();
    const pen = this.pen;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    for (const disc of this.discs) this.paintDisc(disc, view);
    this.paintTrails(view, now);
    for (const task of this.tasks) this.paintTask(task, view, now);
    this.paintCars(view, now);
    for (const task of this.tasks) this.labelTask(task, view, now);
    this.lastPaintMs = now;
    this.wakeForMotion(view, now);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.canvas.remove();
  }

  private setUnit(unit: Unit, drawMs: number): void {
    if (unit.lat === null || unit.lon === null) return;
    const place = worldPoint(unit.lat, unit.lon);
    const scale = worldPerMetre(unit.lat);
    const track = this.tracks.get(unit.unit_id);
    if (!track) {
      this.tracks.set(unit.unit_id, { unit, glide: new Glide(place, scale, drawMs), trail: [place] });
      return;
    }
    const known = track.unit;
    track.unit = unit;
    if (!isPlaced(unit) && isPlaced(known)) track.glide.moveTo(place, STILL, drawMs, !this.still);
    if (unit.received_ms === known.received_ms) return;
    const velocity = isMoving(unit) ? velocityOf(unit.speed_mps, unit.course_deg, scale) : STILL;
    track.glide.moveTo(place, velocity, drawMs, !this.still);
    track.trail.push(place);
    if (track.trail.length > TRAIL_POINTS) track.trail.shift();
  }

  private paintSoon(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  // Sleep until the fastest car in view will have moved by a visible step.
  private wakeForMotion(view: Projection, now: number): void {
    clearTimeout(this.timer);
    let fastest = 0;
    for (const { glide } of this.tracks.values()) {
      if (view.shows(glide.target, 60)) fastest = Math.max(fastest, glide.speed(now));
    }
    if (fastest === 0) return;
    const waitMs = VISIBLE_PX / (fastest * view.worldPx) - (performance.now() - this.lastPaintMs);
    if (waitMs < 20) this.paintSoon();
    else this.timer = window.setTimeout(() => this.paintSoon(), waitMs);
  }

  private paintDisc(disc: Disc, view: Projection): void {
    const pen = this.pen;
    pen.beginPath();
    pen.arc(view.x(disc.place), view.y(disc.place), Math.max(disc.radius * view.worldPx, 8), 0, 2 * Math.PI);
    pen.fillStyle = disc.colour;
    pen.strokeStyle = disc.colour;
    pen.globalAlpha = 0.12;
    pen.fill();
    pen.globalAlpha = 0.5;
    pen.lineWidth = 1;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  private paintTrails(view: Projection, now: number): void {
    const all = this.tracks.size <= ALL_TRAILS_MOST;
    const pen = this.pen;
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    for (const [id, track] of this.tracks) {
      if (track.trail.length < 2 || !(all || id === this.selectedId || BUSY.has(track.unit.status))) continue;
      if (!view.shows(track.glide.target, 400)) continue;
      pen.strokeStyle = STATUS_COLOUR[track.unit.status];
      pen.globalAlpha = id === this.selectedId ? 0.7 : 0.28;
      pen.beginPath();
      for (const point of track.trail.slice(0, -1)) pen.lineTo(view.x(point), view.y(point));
      const head = track.glide.at(now);
      pen.lineTo(view.x(head), view.y(head));
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  private paintTask(task: Task, view: Projection, now: number): void {
    const car = this.tracks.get(task.unitId)?.glide.at(now);
    if (!car) return;
    const [x0, y0, x1, y1] = [view.x(car), view.y(car), view.x(task.place), view.y(task.place)];
    const pen = this.pen;
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
    pen.strokeStyle = task.colour;
    pen.globalAlpha = task.chosen ? 0.95 : 0.55;
    pen.lineWidth = task.chosen ? 2 : 1.5;
    pen.setLineDash([7, 6]);
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  /** In the middle of the line, unless that is too short or full of other labels. */
  private labelTask(task: Task, view: Projection, now: number): void {
    const car = this.tracks.get(task.unitId)?.glide.at(now);
    if (!car) return;
    const [x0, y0, x1, y1] = [view.x(car), view.y(car), view.x(task.place), view.y(task.place)];
    if (Math.hypot(x1 - x0, y1 - y0) < 90) return;
    const label = this.sprites.label(task.label, task.colour, false);
    const left = Math.round((x0 + x1 - label.width) / 2);
    const top = Math.round((y0 + y1 - label.height) / 2);
    if (!this.space.take(left, top, label.width, label.height)) return;
    this.pen.drawImage(label.image, left, top, label.width, label.height);
  }

  private paintCars(view: Projection, now: number): void {
    const shown: { track: Track; x: number; y: number; weight: number }[] = [];
    for (const track of this.tracks.values()) {
      const at = track.glide.at(now);
      if (!view.shows(at, 60)) continue;
      const distressed = track.unit.emergency_ms !== null;
      const weight = distressed ? 3 : track.unit.unit_id === this.selectedId ? 2 : BUSY.has(track.unit.status) ? 1 : 0;
      shown.push({ track, x: view.x(at), y: view.y(at), weight });
    }
    // The ones that matter are painted last, on top, and get their labels first.
    shown.sort((a, b) => a.weight - b.weight);
    for (const { track, x, y } of shown) this.paintCar(track.unit, x, y, view.carScale);
    this.space = new LabelSpace();
    for (const { track, x, y, weight } of shown.reverse()) this.paintLabel(track.unit, x, y, weight > 0);
  }

  private paintCar(unit: Unit, x: number, y: number, scale: number): void {
    const moving = isMoving(unit);
    // A car without a fix is drawn as one not heard of lately: it may be elsewhere by now.
    const link = unit.link === "fresh" && !isPlaced(unit) ? "stale" : unit.link;
    const sprite = this.sprites.car(unit.status, link, moving, unit.unit_id === this.selectedId);
    if (unit.emergency_ms !== null) {
      const alarm = this.sprites.distress();
      this.pen.drawImage(alarm.image, x - alarm.width / 2, y - alarm.height / 2, alarm.width, alarm.height);
    }
    const angle = moving ? ((unit.course_deg ?? 0) * Math.PI) / 180 : 0;
    const [cos, sin] = [Math.cos(angle) * scale * this.ratio, Math.sin(angle) * scale * this.ratio];
    this.pen.setTransform(cos, sin, -sin, cos, x * this.ratio, y * this.ratio);
    this.pen.drawImage(sprite.image, -sprite.width / 2, -sprite.height / 2, sprite.width, sprite.height);
    this.pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
  }

  private labelText(unit: Unit): string {
    const name = unit.emergency_ms === null ? unit.callsign : `SOS ${unit.callsign}`;
    if (unit.received_ms === null || isPlaced(unit)) return name;
    if (unit.link !== "fresh") return `${name} · ${formatShortAge(this.nowMs - unit.received_ms)}`;
    return `${name} · ${this.noGps} ${formatShortAge(this.nowMs - unit.no_fix_since_ms!)}`;
  }

  private paintLabel(unit: Unit, x: number, y: number, always: boolean): void {
    const faded = !isPlaced(unit) && unit.received_ms !== null;
    const distressed = unit.emergency_ms !== null;
    const left = Math.round(x + (distressed ? 40 : 13));
    const top = Math.round(y - 8);
    const colour = distressed ? DISTRESS : STATUS_COLOUR[unit.status];
    const label = this.sprites.label(this.labelText(unit), colour, faded && !distressed);
    if (!this.space.take(left, top, label.width, label.height) && !always) return;
    this.pen.drawImage(label.image, left, top, label.width, label.height);
  }
}

// Whether the car is where it is drawn, as far as anybody knows.
function isPlaced(unit: Unit): boolean {
  return unit.link === "fresh" && unit.no_fix_since_ms === null;
}

// Below that a receiver's course is noise.
function isMoving(unit: Unit): boolean {
  return unit.no_fix_since_ms === null && unit.course_deg !== null && (unit.speed_mps ?? 0) >= STANDING_MPS;
}
