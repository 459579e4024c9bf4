import { find } from "../../core/dom.ts";

/** A box that takes dropped files for the file input inside it. */
class Drop extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.classList.add("over");
    });
    this.addEventListener("dragleave", (event) => {
      if (!(event.relatedTarget instanceof Node) || !this.contains(event.relatedTarget)) this.classList.remove("over");
    });
    this.addEventListener("drop", (event) => this.#take(event));
    // A form marked so needs nothing but its file.
    this.addEventListener("change", () => this.closest<HTMLFormElement>("form[data-at-once]")?.requestSubmit());
  }

  #take(event: DragEvent): void {
    const input = find(this, "input[type=file]", HTMLInputElement);
    this.classList.remove("over");
    if (!input || !event.dataTransfer) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

export function startDrop(): void {
  customElements.define("ui-drop", Drop);
}
