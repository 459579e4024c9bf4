import { copyOf, find, Refusal, send, tray, visit } from "runes";

/**
 * Takes pictures from its button, one after the other, and where a frame says so from anywhere on the page: the Asset
 * Library does. On the page of one asset a picture that is let go beside the button replaces nothing.
 */
export class Library extends HTMLElement {
  #stop = new AbortController();
  #frame: HTMLElement | null = null;

  connectedCallback(): void {
    const input = find(this, "[data-files]", HTMLInputElement);
    if (!input) return;
    this.#stop = new AbortController();
    input.addEventListener("change", () => {
      void this.#upload([...(input.files ?? [])]);
      input.value = "";
    });
    if (!find(this, "template[data-drop]", HTMLTemplateElement)) return;
    const listening = { signal: this.#stop.signal };
    document.addEventListener("dragover", (event) => this.#over(event), listening);
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) this.#rest(); }, listening);
    document.addEventListener("drop", (event) => this.#drop(event), listening);
  }

  disconnectedCallback(): void {
    this.#stop.abort();
    this.#rest();
  }

  #over(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (this.#frame) return;
    this.#frame = copyOf(find(this, "template[data-drop]", HTMLTemplateElement));
    if (this.#frame) document.body.append(this.#frame);
  }

  #rest(): void {
    this.#frame?.remove();
    this.#frame = null;
  }

  #drop(event: DragEvent): void {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.#rest();
    void this.#upload([...event.dataTransfer.files]);
  }

  async #upload(files: File[]): Promise<void> {
    const done: string[] = [];
    for (const file of files) {
      const href = await this.#one(file);
      if (href) done.push(href);
    }
    if (!this.isConnected || done.length === 0) return;
    // One picture wants its title and licence next; many are looked at together.
    const only = files.length === 1 ? done[0] : undefined;
    visit(only ?? location.href, { action: only ? "advance" : "replace" });
  }

  async #one(file: File): Promise<string | null> {
    const cancel = new AbortController();
    const row = tray(file.name, () => cancel.abort());
    try {
      const address = `${this.dataset.address ?? ""}?name=${encodeURIComponent(file.name)}`;
      const answer: unknown = await (await send(address, { method: "PUT", body: file, signal: cancel.signal, quiet: true })).json();
      row?.progress(1);
      row?.done(find(this, "template[data-done]", HTMLTemplateElement)?.content.textContent ?? "");
      return hrefOf(answer);
    } catch (error) {
      if (error instanceof Refusal) row?.failed(error.message, () => void this.#upload([file]));
      return null;
    }
  }
}

function hrefOf(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null || !("href" in answer)) return null;
  return typeof answer.href === "string" ? answer.href : null;
}
