/** One way to ask the server, and one kind of refusal. */

/** The server answered and said no; `code` is stable, `message` is for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | null;

  constructor(status: number, code: string, message: string, retryAfterS: number | null) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

const ANSWER_WITHIN_MS = 10_000;

/**
 * Resolves to the decoded JSON body (null when empty). Throws Refusal for an answer that is not 2xx,
 * and the browser's own error (TypeError, AbortError) when no answer came.
 */
export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN_MS);
  const init: RequestInit = { method, signal: patience.signal };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  try {
    const response = await fetch(path, init);
    const text = await response.text();
    if (response.ok) return (text ? JSON.parse(text) : null) as T;
    throw refusal(response, text);
  } finally {
    clearTimeout(timer);
  }
}

function refusal(response: Response, text: string): Refusal {
  let code = `http_${response.status}`;
  let message = response.statusText;
  try {
    const error = JSON.parse(text).error;
    code = String(error.code);
    message = String(error.message);
  } catch {
    // Not Sigap's own answer (a proxy's page, say): the status has to do.
  }
  const retryAfter = Number(response.headers.get("Retry-After"));
  return new Refusal(response.status, code, message, retryAfter > 0 ? retryAfter : null);
}
