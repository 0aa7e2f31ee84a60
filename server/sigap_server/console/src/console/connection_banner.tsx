import { connection, lostSinceMs, nowMs } from "./state.ts";
import { text } from "./text/current.ts";

/** In large letters across the page: an operator must never take an old picture for the present. */
export function ConnectionBanner() {
  void nowMs.value; // counts the seconds up
  if (connection.value !== "lost") return null;
  const lostS = Math.max(0, Math.round((Date.now() - lostSinceMs.value) / 1000));
  return (
    <div class="banner" role="alert">
      {text.value.lostLong(lostS)}
    </div>
  );
}
