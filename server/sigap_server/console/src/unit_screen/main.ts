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

function press(name: ButtonName): void {
  const key = byId(name);
  if (!line.press(name)) return;
  // Long enough to be seen when it was the keyboard that pressed it.
  key.classList.add("pressed");
  setTimeout(() => key.classList.remove("pressed"), 140);
}

// Any first touch of the page may turn the sound on; there is a button that says so.
async function allowSound(): Promise<void> {
  if (buzzer.audible) return;
  await buzzer.allow();
  show();
}

for (const name of BUTTONS) byId(name).addEventListener("click", () => press(name));
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
  const name = BUTTONS[Number(event.key) - 1];
  if (name && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey) press(name);
});

const glass = byId("glass");
new ResizeObserver(() => oled.fit(glass.clientWidth)).observe(glass);
rememberLanguage(language);
show();
