import { ask } from "./deeds.ts";

/** The page of connected devices. */
export class Sync extends HTMLElement {
  private stop = new AbortController();

  connectedCallback(): void {
    this.stop = new AbortController();
    this.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("[data-storage-dialog]") : null;
      if (!(link instanceof HTMLAnchorElement)) return;
      event.preventDefault();
      ask(link.href);
    }, { signal: this.stop.signal });
  }

  disconnectedCallback(): void {
    this.stop.abort();
  }
}
