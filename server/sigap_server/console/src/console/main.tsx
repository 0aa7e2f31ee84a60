import "../styles/console.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { listenToKeys } from "./keyboard.ts";
import { resume } from "./session.ts";
import { tick } from "./state.ts";
import { language, speak } from "./text/current.ts";

speak(language.peek());
listenToKeys();
setInterval(tick, 1_000);
void resume();
render(<App />, document.getElementById("app")!);
