/** Writes what there is to say into the page. It draws from scratch each time; the page is small. */

import type { Language } from "../language/choice.ts";
import type { AlertRecord } from "./alert_record.ts";
import type { DeliveryStatus } from "./delivery.ts";
import type { LocationState, Place } from "./locator.ts";
import { TAPS_NEEDED } from "./taps.ts";
import { en } from "./text/en.ts";
import { id, type Text } from "./text/id.ts";

export interface Picture {
  language: Language;
  drill: boolean;
  taps: number;
  online: boolean;
  location: { state: LocationState; place: Place | null };
  delivery: { record: AlertRecord; status: DeliveryStatus } | null;
}

type Step = "ready" | "locating" | "sending" | "received" | "coming" | "arrived" | "closed" | "refused";

const STEPS = ["received", "coming", "arrived", "closed"] as const;

export function draw(picture: Picture): void {
  const words = picture.language === "id" ? id : en;
  const step = stepOf(picture.delivery);
  const drill = picture.delivery ? picture.delivery.record.kind === "drill" : picture.drill;
  const page = document.body.dataset;
  page.step = step;
  page.drill = String(drill);
  document.title = `Sigap · ${words.title}`;
  drawButton(picture, words);
  drawLocation(picture, words);
  drawAnswer(step, picture, words);
  put("drill-badge", words.drillOn);
  put("drill-name", words.drill);
  put("drill-explained", words.drillExplained);
  put("phone", words.phone);
  element("languages").setAttribute("aria-label", words.language);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === picture.language));
  }
  put("offline", picture.online ? "" : words.offline);
  element("offline").hidden = picture.online;
}

function stepOf(delivery: Picture["delivery"]): Step {
  if (!delivery) return "ready";
  if (delivery.status.refused !== null) return "refused";
  if (!delivery.record.place) return "locating";
  return delivery.record.answer?.state ?? "sending";
}

function drawButton({ taps, drill }: Picture, words: Text): void {
  put("press-word", taps === 0 ? words.press : words.tapsLeft(TAPS_NEEDED - taps));
  put("hint", drill ? words.drillHint : words.pressHint);
  element("button").dataset.taps = String(taps);
  element<HTMLInputElement>("drill").checked = drill;
}

function drawLocation({ location: { state, place } }: Picture, words: Text): void {
  element("location").dataset.state = state;
  put("location-word", state === "ready" ? words.location.ready(place!.accuracy_m) : words.location[state]);
  element("allow").hidden = state !== "denied";
  put("allow-title", words.allow.title);
  put("allow-again", words.allow.again);
  put("allow-phone", words.allow.orPhone);
  element("allow-steps").replaceChildren(
    ...words.allow.steps.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
  );
}

function drawAnswer(step: Step, { delivery }: Picture, words: Text): void {
  if (!delivery || step === "ready") return;
  const { record, status } = delivery;
  const [title, detail] = say(step, delivery, words);
  put("answer-title", title);
  put("answer-detail", detail);
  put("pressed-at", words.sentAt(new Date(record.pressed_ms).toTimeString().slice(0, 8)));
  put("silent", status.silent ? words.silent : "");
  put("again", step === "refused" ? words.refused.again : words.again);
  element("again").hidden = step !== "closed" && step !== "refused";
  const at = STEPS.findIndex((one) => one === step);
  STEPS.forEach((one, index) => {
    put(`step-${one}`, words.steps[one]);
    element(`step-${one}`).dataset.place = index < at || step === "closed" ? "done" : index === at ? "here" : "ahead";
  });
}

function say(step: Step, { record, status }: NonNullable<Picture["delivery"]>, words: Text): [string, string] {
  const unit = record.answer?.unit ?? words.coming.aCar;
  const etaS = record.answer?.eta_s ?? null;
  switch (step) {
    case "sending":
      return [words.sending.title, words.sending.detail(status.attempts)];
    case "coming":
      // Rounded up: a car that comes earlier than it said is welcome.
      return [words.coming.title(etaS === null ? null : Math.max(1, Math.ceil(etaS / 60))), words.coming.detail(unit)];
    case "arrived":
      return [words.arrived.title, words.arrived.detail(unit)];
    case "closed":
      return [words.closed.title, record.kind === "drill" ? words.closed.drill : words.closed.detail];
    case "locating":
    case "received":
    case "refused":
      return [words[step].title, words[step].detail];
    case "ready":
      return ["", ""];
  }
}

export function element<T extends HTMLElement>(name: string): T {
  return document.getElementById(name) as T;
}

// Unchanged text is left alone, or a screen reader would read it out again and again.
function put(name: string, text: string): void {
  const target = element(name);
  if (target.textContent !== text) target.textContent = text;
}
