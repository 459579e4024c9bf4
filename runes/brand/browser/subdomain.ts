import { find, send } from "runes";

/** Says while somebody types whether the subdomain can be had, in the words that saving would use. */
export class Subdomain extends HTMLElement {
  #wait = 0;
  #stop = new AbortController();

  connectedCallback(): void {
    const input = find(this, "[name=slug]", HTMLInputElement);
    const said = find(this, "[data-said]", HTMLElement);
    if (!input || !said) return;
    input.addEventListener("input", () => {
      window.clearTimeout(this.#wait);
      this.#stop.abort();
      this.#wait = window.setTimeout(() => void this.#ask(input, said), 250);
    });
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.#wait);
    this.#stop.abort();
  }

  async #ask(input: HTMLInputElement, said: HTMLElement): Promise<void> {
    this.#stop = new AbortController();
    try {
      const answer = await send(`${this.dataset.check ?? ""}?slug=${encodeURIComponent(input.value)}`, { signal: this.#stop.signal });
      const { free, text }: { free: boolean; text: string } = await answer.json();
      said.textContent = text;
      said.className = free ? "help" : "err";
      input.toggleAttribute("aria-invalid", false);
      if (!free) input.setAttribute("aria-invalid", "true");
    } catch {
      // send() has told, or a newer question is on its way.
    }
  }
}
