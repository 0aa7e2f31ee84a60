import assert from "node:assert/strict";
import { test } from "node:test";
import { Glide, velocityOf } from "../../../server/sigap_server/console/src/console/map/glide.ts";
import { graticule, stepFor, suffices } from "../../../server/sigap_server/console/src/console/map/graticule.ts";
import { LabelSpace } from "../../../server/sigap_server/console/src/console/map/label_space.ts";
import { degrees, worldPerMetre, worldPoint } from "../../../server/sigap_server/console/src/console/map/mercator.ts";

const BANDUNG = { west: 107.55, south: -6.97, east: 107.69, north: -6.87 };

test("the world's middle and corners are where Mercator has them", () => {
  assert.deepEqual(worldPoint(0, 0), { x: 0.5, y: 0.5 });
  assert.ok(Math.abs(worldPoint(85.0511287798, -180).y) < 1e-9);
  const a = worldPoint(-6.9, 107.6);
  const b = worldPoint(-6.9, 107.601);
  const metres = (b.x - a.x) / worldPerMetre(-6.9);
  assert.ok(Math.abs(metres - 110.5) < 0.3, `${metres} m`);
});

// One world unit a metre keeps the numbers readable.
const still = { x: 0, y: 0 };
const start = () => new Glide({ x: 0, y: 0 }, 1, 0);

test("a car is carried on by its speed and course until the next report", () => {
  const glide = start();
  glide.moveTo({ x: 0, y: 0 }, { x: 0.01, y: 0 }, 0, true); // 10 m/s eastwards
  assert.deepEqual(glide.at(3_000), { x: 30, y: 0 });
  assert.equal(glide.speed(3_000), 0.01);
});

test("but never further than it could come without reporting again", () => {
  const glide = start();
  glide.moveTo({ x: 0, y: 0 }, { x: 0.01, y: 0 }, 0, true);
  assert.deepEqual(glide.at(60_000), { x: 50, y: 0 });
  assert.equal(glide.speed(60_000), 0);
  const slow = start();
  slow.moveTo({ x: 0, y: 0 }, { x: 0.001, y: 0 }, 0, true);
  assert.deepEqual(slow.at(60_000), { x: 10, y: 0 });
});

test("what it was drawn wrong by fades after the report", () => {
  const glide = start();
  glide.moveTo({ x: 0, y: 0 }, { x: 0.01, y: 0 }, 0, true);
  glide.moveTo({ x: 20, y: 0 }, still, 3_000, true); // drawn at 30, it had braked
  assert.deepEqual(glide.at(3_000), { x: 30, y: 0 });
  assert.deepEqual(glide.at(3_300), { x: 25, y: 0 });
  assert.deepEqual(glide.at(3_600), { x: 20, y: 0 });
  assert.deepEqual(glide.target, { x: 20, y: 0 });
});

test("a leap is no drive, and who wants no motion sees none", () => {
  const far = start();
  far.moveTo({ x: 5_000, y: 0 }, still, 1_000, true);
  assert.equal(far.at(1_000).x, 5_000);
  const calm = start();
  calm.moveTo({ x: 10, y: 0 }, { x: 0.01, y: 0 }, 1_000, false);
  assert.equal(calm.at(1_000).x, 10);
  assert.equal(calm.at(9_000).x, 10);
});

test("course 0 is north, which is up; without a course there is no way", () => {
  const { x, y } = velocityOf(10, 0, 1);
  assert.ok(Math.abs(x) < 1e-12 && Math.abs(y + 0.01) < 1e-12);
  assert.ok(Math.abs(velocityOf(10, 90, 1).x - 0.01) < 1e-12);
  assert.deepEqual(velocityOf(10, null, 1), still);
});

test("degrees and world points are each other's way back", () => {
  const [lon, lat] = degrees(worldPoint(-6.9175, 107.6191));
  assert.ok(Math.abs(lat + 6.9175) < 1e-9 && Math.abs(lon - 107.6191) < 1e-9);
});

test("the grid covers the view with round numbers, and says when it no longer does", () => {
  const made = graticule(BANDUNG);
  assert.equal(made.stepDeg, 0.02);
  const labels = made.lines.features.map((line) => line.properties.label);
  assert.ok(labels.includes("6.90° S") && labels.includes("107.60° E"), labels.join(" "));
  assert.ok(labels.every((label) => /^\d+\.\d\d° [NSEW]$/.test(label)), labels.join(" "));
  assert.ok(suffices(made, BANDUNG));
  const moved = { ...BANDUNG, west: BANDUNG.west + 0.3, east: BANDUNG.east + 0.3 };
  assert.ok(!suffices(made, moved));
  const closer = { west: 107.6, south: -6.92, east: 107.62, north: -6.9 };
  assert.ok(!suffices(made, closer));
});

test("there is a step for a street and for the globe", () => {
  assert.equal(stepFor(0.001), 0.0005);
  assert.equal(stepFor(360), 30);
});

test("labels do not lie upon each other", () => {
  const space = new LabelSpace();
  assert.ok(space.take(100, 100, 60, 17));
  assert.ok(!space.take(130, 105, 60, 17));
  assert.ok(space.take(100, 140, 60, 17));
});
