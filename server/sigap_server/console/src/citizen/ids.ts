/** Ids are made here: an alert's, so that sending it again can never make a second alert; the phone's, so that a caller
 * who called before is known without a name. */

const DEVICE_KEY = "sigap.device";

/** A random UUID (version 4). `crypto.randomUUID` exists on https and localhost only. */
export function newId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** This phone's id, the same at every call of help; undefined where nothing may be kept. */
export function deviceId(): string | undefined {
  try {
    const known = localStorage.getItem(DEVICE_KEY);
    if (known) return known;
    const made = newId();
    localStorage.setItem(DEVICE_KEY, made);
    return made;
  } catch {
    return undefined;
  }
}
