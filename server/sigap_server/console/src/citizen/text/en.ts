/** The citizen's words in English. */

import type { Text } from "./id.ts";

export const en: Text = {
  title: "Panic button",
  language: "Language",
  press: "Tap 3×",
  pressHint: "Tap the button three times fast to call the nearest police car.",
  drillHint: "Drill: do it as if it were real. The officers know that it is no emergency.",
  tapsLeft: (n) => `${n} more`,
  drill: "Drill mode",
  drillOn: "DRILL",
  drillExplained: "To practise, not an emergency",
  phone: "Call 112",

  offline: "No network. Your alert is sent as soon as there is one, or call 112.",
  location: {
    searching: "Finding where you are …",
    ready: (m) => `Location known to ±${m} m`,
    denied: "Location is blocked",
    insecure: "No location: open this page by https",
    missing: "This browser cannot give a location",
    failed: "Location not found yet, still trying …",
  },
  allow: {
    title: "Allow the location, so that the car finds you",
    steps: [
      "Tap the lock or settings icon beside this page's address.",
      "Open “Permissions”, then “Location” → “Allow”.",
      "iPhone: Settings → Privacy → Location Services → Safari.",
    ],
    again: "Try again",
    orPhone: "If that does not work, call 112.",
  },

  locating: { title: "Waiting for your location", detail: "Your alert is kept and sent as soon as it is found." },
  sending: {
    title: "Sending …",
    detail: (n) => (n > 1 ? `Attempt ${n}. Do not close this page.` : "One moment."),
  },
  received: { title: "Alert received", detail: "The nearest car is being found. Stay where you are safe." },
  coming: {
    title: (n) => (n === null ? "A car is coming" : `${n} min`),
    detail: (unit) => `${unit} is on its way to you.`,
    aCar: "A car",
  },
  arrived: { title: "The car is here", detail: (unit) => `${unit} is at your place.` },
  closed: { title: "Closed", detail: "This incident has been dealt with.", drill: "You now know how it works." },
  refused: {
    title: "Alert refused",
    detail: "The server cannot take this alert. Call 112.",
    again: "Back",
  },
  again: "Back to the button",
  silent: "Connection lost, trying again …",
  steps: { received: "Received", coming: "A car is coming", arrived: "Arrived", closed: "Closed" },
  sentAt: (time) => `Pressed at ${time}`,
};
