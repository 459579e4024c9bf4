import { send } from "runes";

/** Keys run faster than answers come: only where they rest is asked for. */
const REST = 90;

/** The panel beside the list: what it shows follows the selection. */
export class Details {
  private shown = "";
  private timer = 0;
  private coming = new AbortController();

  constructor(private readonly panel: HTMLElement, first: string) {
    this.shown = first; // the server has drawn the first ones already
  }

  show(href: string, open = false): void {
    if (open) this.panel.setAttribute("data-open", "");
    if (href === this.shown) return;
    this.shown = href;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(href), REST);
  }

  close(): void {
    this.panel.removeAttribute("data-open");
  }

  stop(): void {
    clearTimeout(this.timer);
    this.coming.abort();
  }

  private async fetch(href: string): Promise<void> {
    this.coming.abort();
    this.coming = new AbortController();
    try {
      const answer = await send(href, { headers: { Accept: "text/html" }, quiet: true, signal: this.coming.signal });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-details]");
      if (fresh && href === this.shown) this.panel.querySelector("[data-details]")?.replaceWith(fresh);
    } catch {
      this.shown = ""; // gone or out of reach: the next choice asks again
    }
  }
}
