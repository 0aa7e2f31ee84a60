/** The language in use, as a signal: every component that reads `text` is drawn again when it changes. */

import { computed, signal } from "@preact/signals";
import { type Language, rememberedLanguage, rememberLanguage } from "../../language/choice.ts";
import { en } from "./en.ts";
import { id } from "./id.ts";

const browserLanguage: Language = navigator.language.startsWith("id") ? "id" : "en";

export const language = signal<Language>(rememberedLanguage(browserLanguage));
export const text = computed(() => (language.value === "id" ? id : en));

export function speak(chosen: Language): void {
  language.value = chosen;
  rememberLanguage(chosen);
}
