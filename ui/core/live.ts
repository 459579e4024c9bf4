import { findAll, find, meta } from "./dom.ts";
import { send } from "./send.ts";
import { toast } from "../parts/toast/part.ts";

/** How long the stream may be away before the page says so, and asks again: twice as long each time, up to a minute. */
const patience = 4000;

let stream: EventSource | null = null;
let lateness = 0;
let failures = 0;

/** Opens the one event stream of this tab where pages have one, and closes it where they have none. A tab that nobody
 *  sees has none either: browsers allow six connections to a house, and the seventh tab would wait for ever. */
export function tune(): void {
  const address = meta("live");
  if (!address || document.hidden) {
    hush();
    return;
  }
  if (stream && stream.readyState !== EventSource.CLOSED) return;
  stream = new EventSource(`${address}?frame=${document.body.dataset.frame ?? ""}`);
  stream.addEventListener("open", () => {
    failures = 0;
    setOffline(!navigator.onLine); // the answer may come in just after the network went
  });
  stream.addEventListener("error", late);
  stream.addEventListener("bell", (event) => ring(event.data));
  stream.addEventListener("toast", (event) => say(event.data));
  stream.addEventListener("gone", () => {
    stream?.close();
    window.setTimeout(leave, 300);
  });
  for (const [name, hear] of ears) stream.addEventListener(name, hear);
}

const ears: [string, (event: MessageEvent<string>) => void][] = [];

/** Lets a rune's script hear messages of its own on the page's one stream. */
export function onLive(name: string, hear: (message: unknown) => void): void {
  const ear = (event: MessageEvent<string>): void => hear(read(event.data));
  ears.push([name, ear]);
  stream?.addEventListener(name, ear);
}

let sending = 0;

/** The session of this stream has ended. Who just changed their own password has a new one by now and stays. */
async function leave(): Promise<void> {
  if (sending > 0) {
    window.setTimeout(leave, 300);
    return;
  }
  await send("/notifications/panel", { quiet: true }).catch(() => undefined); // send leads to sign-in when it must
  tune();
}

function late(): void {
  window.clearTimeout(lateness);
  lateness = window.setTimeout(() => {
    if (!stream || stream.readyState === EventSource.OPEN) return;
    failures++;
    if (!navigator.onLine || stream.readyState === EventSource.CONNECTING) setOffline(true);
    // The browser gave up because the server said no: perhaps the person has to sign in.
    if (stream.readyState === EventSource.CLOSED) void leave();
  }, Math.min(patience * 2 ** failures, 60_000));
}

function hush(): void {
  window.clearTimeout(lateness);
  stream?.close();
  stream = null;
}

function ring(data: string): void {
  const message = read(data);
  if (typeof message !== "object" || message === null || !("unread" in message) || typeof message.unread !== "number") return;
  showUnread(message.unread);
}

/** Writes the number of unread notifications wherever the shell shows it. */
export function showUnread(unread: number): void {
  for (const count of findAll(document, "[data-bell-count]", HTMLElement)) {
    count.textContent = String(unread);
    count.hidden = unread === 0;
  }
  for (const dot of findAll(document, "[data-bell-dot]", HTMLElement)) dot.hidden = unread === 0;
  const button = find(document, "[data-bell-button]", HTMLElement);
  const label = unread === 0 ? button?.dataset.label : button?.dataset.labelUnread?.replace("{n}", String(unread));
  if (label) button?.setAttribute("aria-label", label);
}

function say(data: string): void {
  const message = read(data);
  if (typeof message === "object" && message !== null && "text" in message && typeof message.text === "string") toast(message.text);
}

function read(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null; // not ours to show
  }
}

/** Shows or hides the thin bar that says that there is no connection. */
export function setOffline(isOffline: boolean): void {
  for (const bar of findAll(document, "[data-offline]", HTMLElement)) bar.hidden = !isOffline;
}

export function startLive(): void {
  document.addEventListener("turbo:submit-start", () => { sending++; });
  document.addEventListener("turbo:submit-end", () => { sending = Math.max(0, sending - 1); });
  window.addEventListener("offline", () => setOffline(true));
  window.addEventListener("online", () => {
    setOffline(false);
    tune();
  });
  // Browsers keep a page for Back only when no stream is open.
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", tune);
  document.addEventListener("visibilitychange", tune);
}
