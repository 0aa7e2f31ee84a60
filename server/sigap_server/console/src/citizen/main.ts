import "../styles/citizen.css";
import { LANGUAGES, rememberedLanguage, rememberLanguage } from "../language/choice.ts";
import { newId } from "./ids.ts";
import { type AlertRecord, loadRecord } from "./alert_record.ts";
import { Delivery } from "./delivery.ts";
import { Locator } from "./locator.ts";
import { Taps, TAPS_NEEDED } from "./taps.ts";
import { draw, element } from "./view.ts";

let language = rememberedLanguage("id");
let drill = false;
let tapsShown = 0;
let lapse = 0;
let delivery: Delivery | null = null;
const taps = new Taps();
const locator = new Locator(located);

function show(): void {
  draw({ language, drill, taps: tapsShown, online: navigator.onLine, location: locator, delivery });
}

function tap(): void {
  if (delivery) return;
  const now = performance.now();
  const count = taps.tap(now);
  navigator.vibrate?.(count === TAPS_NEEDED ? 200 : 40);
  tapsShown = count;
  clearTimeout(lapse);
  if (count === TAPS_NEEDED) {
    tapsShown = 0;
    press();
    return;
  }
  lapse = window.setTimeout(() => {
    tapsShown = 0;
    show();
  }, taps.lapseMs(now));
  show();
}

function press(): void {
  const record: AlertRecord = { id: newId(), kind: drill ? "drill" : "emergency", pressed_ms: Date.now() };
  if (locator.place) record.place = locator.place;
  deliver(record);
  element("answer-title").focus();
}

function deliver(record: AlertRecord): void {
  delivery = new Delivery(record, show);
  located();
  delivery.step();
}

/** The place, or the hope for one, changed. An alert that waits for it can go now. */
function located(): void {
  if (delivery && !delivery.record.place && locator.place) {
    delivery.record.place = locator.place;
    delivery.step();
  }
  show();
}

function startAnew(): void {
  delivery?.end();
  delivery = null;
  show();
}

const button = element("button");
// The finger's first touch counts: a shaking hand may slide off before it lifts, and that is no click.
button.addEventListener("pointerdown", (event) => {
  if (event.button === 0) tap();
});
// Keyboards and screen readers click without a pointer, told by detail 0.
button.addEventListener("click", (event) => {
  if (event.detail === 0) tap();
});
element("drill").addEventListener("change", (event) => {
  drill = (event.target as HTMLInputElement).checked;
  show();
});
element("again").addEventListener("click", startAnew);
element("allow-again").addEventListener("click", () => locator.start());
for (const choice of document.querySelectorAll<HTMLButtonElement>("[data-language]")) {
  choice.addEventListener("click", () => {
    language = LANGUAGES.find((one) => one === choice.dataset.language) ?? language;
    rememberLanguage(language);
    show();
  });
}
for (const change of ["online", "offline"]) window.addEventListener(change, show);

rememberLanguage(language);
const unfinished = loadRecord(Date.now());
if (unfinished) deliver(unfinished);
locator.start();
show();
