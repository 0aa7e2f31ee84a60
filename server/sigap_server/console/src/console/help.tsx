import { useEffect, useRef } from "preact/hooks";
import fontLicence from "@fontsource-variable/inter/LICENSE?url";
import { helpOpen } from "./state.ts";
import { text } from "./text/current.ts";

export function Help() {
  const words = text.value;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="help" ref={dialog} aria-label={words.help} onClose={() => (helpOpen.value = false)}>
      <h2>{words.help}</h2>
      <dl>
        {words.helpKeys.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(/\s+/).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p class="licences">
        {words.licences}: <a href="/assets/licences.txt">MapLibre GL JS, Preact</a>, <a href={fontLicence}>Inter</a>
      </p>
      <button type="button" class="primary" autofocus onClick={() => (helpOpen.value = false)}>
        {words.close}
      </button>
    </dialog>
  );
}
