import assert from "node:assert/strict";
import { test } from "node:test";
import { Glide } from "../../../server/sigap_server/console/src/console/map/glide.ts";
import { graticule, stepFor, suffices } from "../../../server/sigap_server/console/src/console/map/graticule.ts";
import { LabelSpace } from "../../../server/sigap_server/console/src/console/map/label_space.ts";
import { worldPerMetre, worldPoint } from "../../../server/sigap_server/console/src/console/map/mercator.ts";

const BANDUNG = { west: 107.55, south: -6.97, east: 107.69, north: -6.87 };

test("the world's middle and corners are where Mercator has them", () => {
  assert.deepEqual(worldPoint(0, 0), { x: 0.5, y: 0.5 });
  assert.ok(Math.abs(worldPoint(85.0511287798, -180).y) < 1e-9);
  const a = worldPoint(-6.9, 107.6);
  const b = worldPoint(-6.9, 107.601);
  const metres = (b.x - a.x) / worldPerMetre(-6.9);
  assert.ok(Math.abs(metres - 110.5) < 0.3, `${metres} m`);
});

test("a car glides to its next place within a report's time, and stays there", () => {
  const glide = new Glide({ x: 0, y: 0 }, 0);
  glide.moveTo({ x: 1e-6, y: 2e-6 }, 1_000, true);
  assert.deepEqual(glide.at(1_500), { x: 0.5e-6, y: 1e-6 });
  assert.ok(glide.moving(1_999) && !glide.moving(2_000));
  assert.deepEqual(glide.at(9_000), { x: 1e-6, y: 2e-6 });
  assert.equal(glide.speed(9_000), 0);
});

test("a report in the middle of a glide goes on from where the car is drawn", () => {
  const glide = new Glide({ x: 0, y: 0 }, 0);
  glide.moveTo({ x: 2e-6, y: 0 }, 1_000, true);
  glide.moveTo({ x: 2e-6, y: 2e-6 }, 1_500, true);
  assert.deepEqual(glide.at(1_500), { x: 1e-6, y: 0 });
});

test("after a silence the car is at its newest place within a second", () => {
  const glide = new Glide({ x: 0, y: 0 }, 0);
  glide.moveTo({ x: 1e-6, y: 0 }, 30_000, true);
  assert.equal(glide.at(31_000).x, 1e-6);
});

test("a leap is no drive, and who wants no motion sees none", () => {
  const far = new Glide({ x: 0, y: 0 }, 0);
  far.moveTo({ x: 1e-3, y: 0 }, 1_000, true);
  assert.equal(far.at(1_000).x, 1e-3);
  const calm = new Glide({ x: 0, y: 0 }, 0);
  calm.moveTo({ x: 1e-6, y: 0 }, 1_000, false);
  assert.equal(calm.at(1_000).x, 1e-6);
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
