import { copyOf, find, meta, write } from "./dom.ts";

/** What the server said no to, in words for a person. */
export class Refusal extends Error {
  readonly status: number;
  readonly problems: Readonly<Record<string, string>>;

  constructor(message: string, status: number, problems: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

export interface Sending {
  method?: "GET" | "POST" | "PUT";
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The caller shows the refusal itself. */
  quiet?: boolean;
  /** A small change that arrives although its page is left at once. */
  outlives?: boolean;
}

/** The token that proves that a request comes from a page of ours. */
export function csrf(): string {
  return meta("csrf-token");
}

/** Every request of a script goes through here: it carries the token, and a failure is shown and thrown as a Refusal. */
export async function send(address: string, sending: Sending = {}): Promise<Response> {
  try {
    const response = await reach(address, sending);
    if (response.ok || response.type === "opaqueredirect") return response;
    throw await refusal(response);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) location.assign("/login");
    else if (error instanceof Refusal && !sending.quiet) showFailure(error.message);
    throw error;
  }
}

async function reach(address: string, sending: Sending): Promise<Response> {
  const init: RequestInit = {
    method: sending.method ?? "GET",
    headers: { Accept: "application/json", "X-CSRF-Token": csrf(), ...sending.headers },
    credentials: "same-origin",
    redirect: "manual", // where a form would go next is no news to a script, and fetching it would use up its toast
  };
  if (sending.body !== undefined) init.body = sending.body;
  if (sending.outlives) init.keepalive = true;
  if (sending.signal) init.signal = sending.signal;
  try {
    return await fetch(address, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal(failureWord("unreachable"), 0);
  }
}

async function refusal(response: Response): Promise<Refusal> {
  const said: unknown = await response.json().catch(() => null);
  return readRefusal(said, response.status);
}

/** Turns the server's JSON answer into a Refusal; an answer without a sentence gets ours. */
export function readRefusal(said: unknown, status: number): Refusal {
  const answer: { error?: unknown; problems?: unknown } = typeof said === "object" && said !== null ? said : {};
  const problems: Record<string, string> = {};
  if (typeof answer.problems === "object" && answer.problems !== null) {
    for (const [field, problem] of Object.entries(answer.problems)) if (typeof problem === "string") problems[field] = problem;
  }
  return new Refusal(typeof answer.error === "string" ? answer.error : failureWord("broken"), status, problems);
}

/** A sentence the page carries for when the server cannot say one. */
export function failureWord(kind: "unreachable" | "broken"): string {
  return find(document, 'template[data-part="failure"]', HTMLTemplateElement)?.dataset[kind] ?? "";
}

/** Shows what went wrong and leaves it there: an error that needs a person never goes away by itself. */
export function showFailure(sentence: string): void {
  const place = document.getElementById("toasts");
  const box = copyOf(find(document, 'template[data-part="failure"]', HTMLTemplateElement));
  if (!place || !box) return;
  for (const old of place.querySelectorAll(".fail")) old.remove();
  write(box, "[data-text]", sentence);
  box.querySelector("[data-close]")?.addEventListener("click", () => box.remove());
  place.append(box);
  const urgent = document.getElementById("urgent");
  if (urgent) urgent.textContent = sentence;
}
