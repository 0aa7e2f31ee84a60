import { LANGUAGES } from "../language/choice.ts";
import { language, speak, text } from "./text/current.ts";

export function LanguageSwitch() {
  return (
    <div class="language" role="group" aria-label={text.value.language}>
      {LANGUAGES.map((one) => (
        <button key={one} type="button" aria-pressed={language.value === one} onClick={() => speak(one)}>
          {one.toUpperCase()}
        </button>
      ))}
    </div>
  );
}
