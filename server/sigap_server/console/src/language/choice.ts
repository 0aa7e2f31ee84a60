/** Which of the two languages a page speaks: what the person chose last, else what the page starts with. */

export const LANGUAGES = ["id", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = "sigap.language";

export function rememberedLanguage(first: Language): Language {
  try {
    const stored = localStorage.getItem(KEY);
    return LANGUAGES.find((language) => language === stored) ?? first;
  } catch {
    return first; // storage refused (private window): the page still works
  }
}

export function rememberLanguage(language: Language): void {
  document.documentElement.lang = language;
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // As above.
  }
}
