/** Numbers as an operator reads them. Pure; every input is in the unit its name says. */

const two = (n: number) => String(n).padStart(2, "0");

/** 75 → "1:15", 4000 → "1:06:40"; never negative. */
export function formatAge(ageMs: number): string {
  const s = Math.max(0, Math.floor(ageMs / 1000));
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return s < 3600 ? rest.replace(/^0/, "") : `${Math.floor(s / 3600)}:${rest}`;
}

/** A travel time to be read at a glance: 45 → "45 s", 150 → "3 min". An estimate has no seconds. */
export function formatEta(etaS: number): string {
  return etaS < 60 ? `${Math.max(0, Math.round(etaS))} s` : `${Math.round(etaS / 60)} min`;
}

/** A travel time to be compared with others: 150 → "2:30". */
export function formatExactEta(etaS: number): string {
  return formatAge(Math.round(etaS) * 1000);
}

/** Signed span with as many decimals as matter: "+0.042 s", "+12.3 s", "+3:05". */
export function formatSpan(spanMs: number): string {
  const sign = spanMs < 0 ? "−" : "+";
  const ms = Math.abs(spanMs);
  if (ms < 1_000) return `${sign}${(ms / 1000).toFixed(3)} s`;
  if (ms < 60_000) return `${sign}${(ms / 1000).toFixed(1)} s`;
  return `${sign}${formatAge(ms)}`;
}

export function formatDistance(distanceM: number): string {
  return distanceM < 1000 ? `${Math.round(distanceM)} m` : `${(distanceM / 1000).toFixed(distanceM < 10_000 ? 2 : 1)} km`;
}

/** A coarse age for lists: "3 s", "2 min", "5 h". */
export function formatShortAge(ageMs: number): string {
  const s = Math.max(0, Math.round(ageMs / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return `${Math.floor(s / 3600)} h`;
}

export function formatPosition(lat: number, lon: number, decimals = 5): string {
  const ns = lat < 0 ? "S" : "N";
  const ew = lon < 0 ? "W" : "E";
  return `${Math.abs(lat).toFixed(decimals)}° ${ns}  ${Math.abs(lon).toFixed(decimals)}° ${ew}`;
}

export function formatSpeed(speedMps: number): string {
  return `${Math.round(speedMps * 3.6)} km/h`;
}

/** Time of day in this computer's zone, "03:12:45". */
export function formatClock(timeMs: number): string {
  const d = new Date(timeMs);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

export function formatUtc(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 19);
}
