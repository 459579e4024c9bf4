import { visit } from "@hotwired/turbo";
import { find } from "../../core/dom.ts";
import { Refusal, send } from "../../core/send.ts";
import { tray } from "../tray/part.ts";

/** The files of a record: what is chosen or dropped goes up at once, each as large as it may be. */
class Files extends HTMLElement {
  private stop = new AbortController();

  connectedCallback(): void {
    const form = find(this, "form", HTMLFormElement);
    const input = find(this, "input[type=file]", HTMLInputElement);
    if (!form || !input) return;
    this.stop = new AbortController();
    find(form, "[data-send]", HTMLButtonElement)?.toggleAttribute("hidden", true);
    input.addEventListener("change", () => void this.take(form, input), { signal: this.stop.signal });
  }

  disconnectedCallback(): void {
    this.stop.abort();
  }

  private async take(form: HTMLFormElement, input: HTMLInputElement): Promise<void> {
    const chosen = [...(input.files ?? [])];
    input.value = "";
    for (const file of chosen) await this.upload(form.action, file);
    if (chosen.length > 0 && this.isConnected) visit(location.href, { action: "replace" });
  }

  private async upload(to: string, file: File): Promise<void> {
    const cancel = new AbortController();
    const row = tray(file.name, () => cancel.abort());
    try {
      await send(`${to}?name=${encodeURIComponent(file.name)}`, { method: "PUT", body: file, quiet: row !== null, signal: cancel.signal });
      row?.done("");
    } catch (error) {
      if (error instanceof Refusal) row?.failed(error.message);
    }
  }
}

export function startFiles(): void {
  customElements.define("ui-files", Files);
}
