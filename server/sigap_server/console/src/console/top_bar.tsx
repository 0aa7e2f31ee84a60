import { UNIT_STATUSES } from "../api/model.ts";
import { formatClock, formatUtc } from "./format.ts";
import { LanguageSwitch } from "./language_switch.tsx";
import { Mark } from "./mark.tsx";
import { signOut } from "./session.ts";
import { connection, helpOpen, nowMs, openIncidents, statusCounts, units, unitsVersion } from "./state.ts";
import { text } from "./text/current.ts";

export function TopBar({ operator }: { operator: string }) {
  const words = text.value;
  return (
    <header class="top-bar">
      <a class="brand" href="/">
        <Mark size={26} />
        <h1>Sigap</h1>
        <span>{words.product}</span>
      </a>
      <OpenCount />
      <StatusCounts />
      <span class="gap" />
      <LinkState />
      <Clock />
      <LanguageSwitch />
      <button type="button" class="quiet" onClick={() => (helpOpen.value = true)} aria-label={words.help} title={`${words.help} (?)`}>
        ?
      </button>
      <span class="operator">{operator}</span>
      <button type="button" class="quiet" onClick={() => void signOut()}>
        {words.signOut}
      </button>
    </header>
  );
}

function OpenCount() {
  const count = openIncidents.value.length;
  return (
    <div class="open-count" data-some={count > 0}>
      <b>{count}</b> {text.value.openIncidents}
    </div>
  );
}

function StatusCounts() {
  void unitsVersion.value;
  const { counts, distressed, silent } = statusCounts.value;
  const words = text.value;
  return (
    <ul class="status-counts" aria-label={words.units}>
      <li class="total">
        <b>{units.size}</b>
        <span>{words.units}</span>
      </li>
      {distressed > 0 && (
        <li class="in-distress">
          <b>{distressed}</b>
          <span>{words.distressShort}</span>
        </li>
      )}
      {UNIT_STATUSES.filter((status) => counts.has(status)).map((status) => (
        <li key={status} data-status={status}>
          <b>{counts.get(status)}</b>
          <span>{words.status[status]}</span>
        </li>
      ))}
      {silent > 0 && (
        <li class="silent">
          <b>{silent}</b>
          <span>{words.unitsSilent}</span>
        </li>
      )}
    </ul>
  );
}

function LinkState() {
  const words = text.value;
  return (
    <span class="link-state" data-state={connection.value} role="status">
      <i /> {words[connection.value]}
    </span>
  );
}

// "WIB" where the browser knows it, else "GMT+7".
const zone =
  new Intl.DateTimeFormat("id-ID", { timeZoneName: "short" })
    .formatToParts(0)
    .find((part) => part.type === "timeZoneName")?.value ?? "";

function Clock() {
  return (
    <div class="clock" role="timer" aria-live="off">
      <time class="local">{formatClock(nowMs.value)}</time>
      <span>{zone || text.value.local}</span>
      {zone !== "UTC" && (
        <>
          <time class="utc">{formatUtc(nowMs.value)}</time>
          <span>UTC</span>
        </>
      )}
    </div>
  );
}
