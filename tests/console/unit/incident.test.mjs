import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatAge,
  formatDistance,
  formatEta,
  formatExactEta,
  formatPosition,
  formatShortAge,
  formatSpan,
} from "../../../server/sigap_server/console/src/console/format.ts";
import { whyChosen, whyNobody } from "../../../server/sigap_server/console/src/console/incident/reasons.ts";
import { clockMs, urgency } from "../../../server/sigap_server/console/src/console/targets.ts";
import { en } from "../../../server/sigap_server/console/src/console/text/en.ts";
import { id } from "../../../server/sigap_server/console/src/console/text/id.ts";

const incident = (phase, timeline = []) => ({ phase, received_ms: 1_000_000, closed_ms: null, timeline });
const after = (seconds) => 1_000_000 + seconds * 1_000;

test("a waiting alert is due after the answer's target and late after the process target", () => {
  const waiting = incident("waiting");
  assert.deepEqual(
    [0, 14, 15, 59, 60].map((s) => urgency(waiting, after(s))),
    ["calm", "calm", "due", "due", "late"],
  );
});

test("once a car comes the arrival target counts", () => {
  const coming = incident("en_route");
  assert.deepEqual(
    [60, 299, 300, 419, 420].map((s) => urgency(coming, after(s))),
    ["calm", "calm", "due", "due", "late"],
  );
  assert.equal(urgency(incident("on_scene"), after(9_000)), "done");
});

test("the clock stands still when the car has arrived", () => {
  const arrived = incident("on_scene", [{ kind: "on_scene", time_ms: after(200) }]);
  assert.equal(clockMs(arrived, after(900)), 200_000);
  assert.equal(clockMs(incident("offered"), after(900)), 900_000);
});

test("numbers read as people say them", () => {
  assert.deepEqual([0, 9_999, 75_000, 3_600_000, -5].map(formatAge), ["0:00", "0:09", "1:15", "1:00:00", "0:00"]);
  assert.deepEqual([0, 59.4, 60, 150].map(formatEta), ["0 s", "59 s", "1 min", "3 min"]);
  assert.deepEqual([30, 149.6, 600].map(formatExactEta), ["0:30", "2:30", "10:00"]);
  assert.deepEqual([42, 12_340, 185_000, -7].map(formatSpan), ["+0.042 s", "+12.3 s", "+3:05", "−0.007 s"]);
  assert.deepEqual([999, 1_234, 12_345].map(formatDistance), ["999 m", "1.23 km", "12.3 km"]);
  assert.deepEqual([4_000, 90_000, 7_200_000].map(formatShortAge), ["4 s", "1 min", "2 h"]);
  assert.equal(formatPosition(-6.9175, 107.6191), "6.91750° S  107.61910° E");
});

test("the reason of a choice is told in both languages", () => {
  const offer = {
    chosen: "unit-01",
    eligible_count: 9,
    candidates: [
      { unit_id: "unit-01", eta_s: 60, distance_m: 500, method: "straight_line" },
      { unit_id: "unit-02", eta_s: 156, distance_m: 1_300, method: "straight_line" },
    ],
    excluded_counts: { busy: 2, off_duty: 1 },
  };
  const name = (unitId) => unitId.replace("unit-", "Maung ");
  assert.equal(
    whyChosen(offer, en, name),
    "First of 9 cars that can be asked; Maung 02 would need 2:36; 3 not asked: 2 busy, 1 off duty.",
  );
  assert.equal(
    whyChosen(offer, id, name),
    "Tercepat dari 9 mobil yang dapat ditawari; Maung 02 perlu 2:36; 3 tidak ditawari: 2 bertugas, 1 lepas dinas.",
  );
  assert.equal(whyChosen({ why: "as the log says" }, en, name), "as the log says");
  assert.equal(whyNobody({}, en), "Nobody can be asked: there are no units.");
});

test("both languages have a word for every state, event and reason", () => {
  for (const group of ["status", "link", "phase", "event", "excluded", "withdrawal", "disposition", "actor", "method"]) {
    assert.deepEqual(Object.keys(id[group]).sort(), Object.keys(en[group]).sort(), group);
  }
});
