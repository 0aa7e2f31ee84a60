import { useSignal } from "@preact/signals";
import { request } from "../../api/http.ts";
import type { Incident } from "../../api/model.ts";
import { text } from "../text/current.ts";

interface Action {
  label: string;
  path: string;
  body: Record<string, unknown>;
}

/** What an operator can decide with one click. What the server refuses is said, and nothing is changed here: the news
 * comes back over the live feed. */
export function Actions({ incident }: { incident: Incident }) {
  const words = text.value;
  const said = useSignal("");
  const busy = useSignal(false);
  if (incident.phase === "closed") return null;

  async function act(action: Action): Promise<void> {
    busy.value = true;
    said.value = "";
    try {
      await request("POST", `/api/v1/incidents/${incident.incident_id}/${action.path}`, action.body);
    } catch (error) {
      said.value = error instanceof Error ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  }

  return (
    <div class="actions" role="group" aria-label={words.decide}>
      {possible(incident).map((action) => (
        <button key={action.label} type="button" disabled={busy.value} onClick={() => void act(action)}>
          {action.label}
        </button>
      ))}
      <output class="refused">{said.value}</output>
    </div>
  );
}

function possible(incident: Incident): Action[] {
  const words = text.value;
  const found: Action[] = [];
  if (incident.held !== null) found.push({ label: words.send, path: "dispatch", body: {} });
  if (incident.answered_ms === null) found.push({ label: words.take, path: "answer", body: {} });
  if (incident.cancel) found.push({ label: words.goOn, path: "refuse-cancel", body: {} });
  if (incident.verdict !== "real") found.push({ label: words.isReal, path: "verify", body: { verdict: "real" } });
  if (incident.verdict !== "false") found.push({ label: words.isFalse, path: "verify", body: { verdict: "false" } });
  found.push({ label: words.backup, path: "backup", body: {} });
  found.push({ label: words.closeReal, path: "close", body: { disposition: "real" } });
  found.push({ label: words.closeFalse, path: "close", body: { disposition: "false_alarm" } });
  return found;
}
