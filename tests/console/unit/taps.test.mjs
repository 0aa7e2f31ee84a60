import assert from "node:assert/strict";
import { test } from "node:test";
import { Taps } from "../../../server/sigap_server/console/src/citizen/taps.ts";

test("three taps within two seconds are a call", () => {
  const taps = new Taps();
  assert.deepEqual([taps.tap(0), taps.tap(900), taps.tap(1_900)], [1, 2, 3]);
});

test("after a call the counting begins anew", () => {
  const taps = new Taps();
  for (const time of [0, 100, 200]) taps.tap(time);
  assert.equal(taps.tap(300), 1);
});

test("slow taps never add up to a call", () => {
  const taps = new Taps();
  for (let time = 0; time < 60_000; time += 1_001) assert.ok(taps.tap(time) < 3);
});

test("a tap lapses two seconds after it was made", () => {
  const taps = new Taps();
  taps.tap(1_000);
  assert.equal(taps.lapseMs(1_500), 1_500);
  assert.equal(taps.lapseMs(9_000), 0);
  assert.equal(taps.tap(3_000), 1);
});
