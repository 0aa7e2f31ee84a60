import { computed, signal } from "@preact/signals";
import type { Unit } from "../api/model.ts";
import { formatClock, formatShortAge, formatSpeed } from "./format.ts";
import { nowMs, selectedUnitId, selectUnit, units, unitsVersion } from "./state.ts";
import { text } from "./text/current.ts";

const ROW_PX = 46;
// Rows drawn beyond the visible part, so that a quick scroll does not show a gap.
const SPARE_ROWS = 6;
const ORDER = ["on_scene", "en_route", "assigned", "offered", "available", "out_of_service", "off_duty"];

const filter = signal("");
const scrollTop = signal(0);
const height = signal(800);

const listed = computed(() => {
  void unitsVersion.value;
  const wanted = filter.value.trim().toLowerCase();
  return [...units.values()].filter((unit) => matches(unit, wanted)).sort(atWorkFirst);
});

function matches(unit: Unit, wanted: string): boolean {
  if (wanted === "") return true;
  const { status, link, noGps, distressShort } = text.value;
  const words = [unit.callsign, unit.unit_id, status[unit.status], link[unit.link], unit.refusal ?? ""];
  if (unit.no_fix_since_ms !== null) words.push(noGps);
  if (unit.emergency_ms !== null) words.push(distressShort);
  return words.join(" ").toLowerCase().includes(wanted);
}

const byCallsign = new Intl.Collator("en", { numeric: true });

function atWorkFirst(a: Unit, b: Unit): number {
  const distress = Number(b.emergency_ms !== null) - Number(a.emergency_ms !== null);
  if (distress !== 0) return distress;
  return ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || byCallsign.compare(a.callsign, b.callsign);
}

export function UnitList() {
  const words = text.value;
  const all = listed.value;
  // Only the rows in sight exist: the list costs the same for ten units and for a thousand.
  const first = Math.max(0, Math.floor(scrollTop.value / ROW_PX) - SPARE_ROWS);
  const shown = all.slice(first, first + Math.ceil(height.value / ROW_PX) + 2 * SPARE_ROWS);
  return (
    <section class="unit-list" aria-label={words.units}>
      <h2>
        {words.units} <span class="count">{units.size}</span>
      </h2>
      <input
        type="search"
        id="unit-filter"
        placeholder={`${words.filterUnits}  ( / )`}
        aria-label={words.filterUnits}
        value={filter.value}
        onInput={(event) => (filter.value = event.currentTarget.value)}
      />
      <div
        class="scroll"
        ref={(element) => {
          if (element) height.value = element.clientHeight;
        }}
        onScroll={(event) => (scrollTop.value = event.currentTarget.scrollTop)}
      >
        {all.length === 0 && <p class="empty">{units.size === 0 ? words.noUnitYet : words.noMatch}</p>}
        <ul style={{ height: `${all.length * ROW_PX}px` }}>
          {shown.map((unit, index) => (
            <Row key={unit.unit_id} unit={unit} top={(first + index) * ROW_PX} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Row({ unit, top }: { unit: Unit; top: number }) {
  const chosen = selectedUnitId.value === unit.unit_id;
  return (
    <li style={{ transform: `translateY(${top}px)` }}>
      <button
        type="button"
        class="unit-row"
        data-link={unit.link}
        data-unit={unit.unit_id}
        data-emergency={unit.emergency_ms !== null || undefined}
        title={unit.refusal ?? undefined}
        aria-pressed={chosen}
        onClick={() => selectUnit(chosen ? null : unit.unit_id)}
      >
        <i class="dot" data-status={unit.status} data-link={unit.link} />
        <span class="callsign">{unit.callsign}</span>
        <span class="status" data-status={unit.status}>
          {statusText(unit)}
          {unit.incident_id !== null && ` #${unit.incident_id}`}
          {unit.refusal !== null && <b class="refusal"> ⚠ {unit.refusal}</b>}
        </span>
        <span class="speed">{speed(unit)}</span>
        <FixAge unit={unit} />
      </button>
    </li>
  );
}

/** A car whose officer is in distress is not available, but may be at a scene. */
function statusText(unit: Unit): string {
  const { status, distressShort } = text.value;
  if (unit.emergency_ms === null) return status[unit.status];
  return unit.status === "available" ? distressShort : `${distressShort} · ${status[unit.status]}`;
}

function FixAge({ unit }: { unit: Unit }) {
  const words = text.value;
  const since = unit.no_fix_since_ms;
  const told = unit.link !== "fresh" ? words.link[unit.link] : since !== null ? words.noGps : null;
  return (
    <span
      class="fix"
      data-link={unit.link}
      data-no-fix={since !== null || undefined}
      title={since === null ? undefined : words.noGpsSince(formatClock(since))}
    >
      {told !== null && <b>{told} </b>}
      {unit.fix_time_ms === null ? words.never : formatShortAge(nowMs.value - unit.fix_time_ms)}
    </span>
  );
}

function speed(unit: Unit): string {
  // A speed of minutes ago says nothing about now.
  if (unit.speed_mps === null || unit.link !== "fresh" || unit.no_fix_since_ms !== null) return "";
  return unit.speed_mps < 0.8 ? text.value.standing : formatSpeed(unit.speed_mps);
}
