import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "../api/http.ts";
import { LanguageSwitch } from "./language_switch.tsx";
import { Mark } from "./mark.tsx";
import { signIn } from "./session.ts";
import { text } from "./text/current.ts";

type Problem = "wrongLogin" | "tooMany" | "noServer";

function problemOf(error: unknown): Problem {
  if (!(error instanceof Refusal)) return "noServer";
  return error.status === 429 ? "tooMany" : error.status < 500 ? "wrongLogin" : "noServer";
}

export function Login() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const words = text.value;
  useEffect(() => first.current?.focus(), []);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem(null);
    try {
      await signIn(String(fields.get("name")), String(fields.get("password")));
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  }

  return (
    <main class="login">
      <form onSubmit={submit}>
        <header>
          <Mark size={44} />
          <div>
            <h1>Sigap</h1>
            <p>{words.product}</p>
          </div>
        </header>
        <label>
          {words.name}
          <input name="name" autocomplete="username" required spellcheck={false} autocapitalize="none" ref={first} />
        </label>
        <label>
          {words.password}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <p class="problem" role="alert">
          {problem && words[problem]}
        </p>
        <button class="primary" disabled={busy}>
          {words.signIn}
        </button>
        <LanguageSwitch />
      </form>
    </main>
  );
}
