import { csrf, send } from "./send.ts";

const most = 6;
let chosen: string[] = [];

/** What was chosen last in the palette, newest first: on this page since it was loaded, and before on any device. */
export function recall(kept: string): string[] {
  return [...new Set([...chosen, ...kept.split(" ").filter(Boolean)])].slice(0, most);
}

/** The server remembers for all devices; without a connection this page does. */
export function remember(id: string): void {
  chosen = [id, ...chosen.filter((other) => other !== id)];
  void send("/palette", { method: "POST", body: new URLSearchParams({ command: id, csrf: csrf() }), quiet: true, outlives: true }).catch(() => undefined);
}
