import type { Unit } from "../api/model.ts";
import { formatAge, formatClock, formatPosition, formatShortAge } from "./format.ts";
import { distressedUnits, following, nowMs, selectUnit } from "./state.ts";
import { text } from "./text/current.ts";

/** Officers in distress, across the whole page for as long as it lasts: who, since when, where. */
export function DistressBanner() {
  const words = text.value;
  return (
    <div class="distress" role="alert" aria-live="assertive">
      {distressedUnits.value.map((unit) => (
        <button type="button" key={unit.unit_id} data-distress={unit.unit_id} onClick={() => goTo(unit)}>
          <b>{words.distress(unit.callsign)}</b>
          <span>
            {words.since(formatClock(unit.emergency_ms!))} <Age sinceMs={unit.emergency_ms!} />
          </span>
          <span>
            <Place unit={unit} />
          </span>
        </button>
      ))}
    </div>
  );
}

// Counts by itself and is hidden from screen readers, which would read the alert out again every second.
function Age({ sinceMs }: { sinceMs: number }) {
  return <i aria-hidden="true">({formatAge(nowMs.value - sinceMs)})</i>;
}

function Place({ unit }: { unit: Unit }) {
  const words = text.value;
  if (unit.lat === null || unit.lon === null) return <>{words.noPosition}</>;
  const age = formatShortAge(nowMs.value - (unit.fix_time_ms ?? nowMs.value));
  return (
    <>
      {formatPosition(unit.lat, unit.lon)} <i aria-hidden="true">({words.lastSeen(age)})</i>
    </>
  );
}

function goTo(unit: Unit): void {
  selectUnit(unit.unit_id);
  following.value = unit.lat !== null;
}
