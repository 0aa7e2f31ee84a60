import "../styles/screen.css";
import { type Language, LANGUAGES, rememberedLanguage, rememberLanguage } from "../language/choice.ts";
import { Buzzer } from "./buzzer.ts";
import { type ButtonName, BUTTONS, UnitConnection } from "./connection.ts";
import { decodeFrame, Oled } from "./oled.ts";
import { WORDS } from "./text/words.ts";

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const device = byId("device");
const oled = new Oled(byId<HTMLCanvasElement>("oled"));
const buzzer = new Buzzer((lit) => device.classList.toggle("buzzing", lit));
let language: Language = rememberedLanguage("id");
let connected = false;

const line = new UnitConnection({
  unit(unitId, callsign) {
    byId("callsign").textContent = callsign;
    byId("unit-id").textContent = unitId;
    document.title = `${callsign} · Sigap`;
  },
  display: (base64) => oled.show(decodeFrame(base64)),
  buzzer: (pattern) => buzzer.play(pattern),
  connected(now) {
    connected = now;
    show();
  },
});

function show(): void {
  const words = WORDS[language];
  document.body.dataset.connected = String(connected);
  byId("line-state").textContent = connected ? words.connected : words.lost;
  byId("sound").textContent = buzzer.audible ? words.soundOn : words.sound;
  byId("sound").setAttribute("aria-pressed", String(buzzer.audible));
  byId("hint").textContent = words.hint;
  byId("oled").setAttribute("aria-label", words.display);
  for (const name of BUTTONS) byId(`word-${name}`).textContent = words.buttons[name];
  for (const choice of document.querySelectorAll<HTMLButtonElement>("[data-language]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.language === language));
  }
}

// The unit takes a shorter one for a bounce; long enough to be seen, too.
const PRESS_LEAST_MS = 140;
const pressedSince = new Map<ButtonName, number>();

function press(name: ButtonName): void {
  if (pressedSince.has(name) || !line.edge(name, true)) return;
  pressedSince.set(name, performance.now());
  byId(name).classList.add("pressed");
}

function release(name: ButtonName): void {
  const since = pressedSince.get(name);
  if (since === undefined) return;
  setTimeout(() => {
    if (!pressedSince.delete(name)) return;
    line.edge(name, false);
    byId(name).classList.remove("pressed");
  }, Math.max(0, since + PRESS_LEAST_MS - performance.now()));
}

/** The button that a key of the keyboard stands for. */
const buttonOf = (event: KeyboardEvent): ButtonName | undefined => BUTTONS[Number(event.key) - 1];

// Any first touch of the page may turn the sound on; there is a button that says so.
async function allowSound(): Promise<void> {
  if (buzzer.audible) return;
  await buzzer.allow();
  show();
}

for (const name of BUTTONS) {
  const key = byId(name);
  key.addEventListener("pointerdown", () => press(name));
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) key.addEventListener(end, () => release(name));
  key.addEventListener("contextmenu", (event) => event.preventDefault()); // what a long touch brings up
  key.addEventListener("click", (event) => {
    if (event.detail !== 0) return; // a pointer's, dealt with above
    press(name);
    release(name);
  });
}
window.addEventListener("blur", () => BUTTONS.forEach(release));
for (const choice of document.querySelectorAll<HTMLButtonElement>("[data-language]")) {
  choice.addEventListener("click", () => {
    language = LANGUAGES.find((one) => one === choice.dataset.language) ?? language;
    rememberLanguage(language);
    show();
  });
}
document.addEventListener("pointerdown", () => void allowSound());
document.addEventListener("keydown", (event) => {
  void allowSound();
  const name = buttonOf(event);
  if (name && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey) press(name);
});
document.addEventListener("keyup", (event) => {
  const name = buttonOf(event);
  if (name) release(name);
});

const glass = byId("glass");
new ResizeObserver(() => oled.fit(glass.clientWidth)).observe(glass);
rememberLanguage(language);
show();
