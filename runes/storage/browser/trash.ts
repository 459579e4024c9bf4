import { ask, attempt } from "./deeds.ts";
import { Words } from "./words.ts";

/** The page of deleted files: ticks, the bar that appears with them, and questions as dialogs. */
export class Trash extends HTMLElement {
  private stop = new AbortController();

  connectedCallback(): void {
    this.stop = new AbortController();
    const signal = this.stop.signal;
    const words = Words.of(this);
    const boxes = () => [...this.querySelectorAll<HTMLInputElement>("input[name=id]")];
    const chosen = () => boxes().filter((box) => box.checked).map((box) => box.value);
    const show = () => {
      const n = chosen().length;
      this.querySelector(".storage-trash-table")?.toggleAttribute("data-choosing", n > 0);
      const count = this.querySelector("[data-bulk-count]");
      if (count) count.textContent = n > 0 ? words.count("selected", n) : "";
      for (const box of boxes()) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
    };
    this.addEventListener("change", show, { signal });
    this.addEventListener("click", (event) => {
      const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-storage-dialog], [data-bulk-clear], [data-act]") : null;
      if (!target) return;
      event.preventDefault();
      if (target.hasAttribute("data-bulk-clear")) {
        for (const box of boxes()) box.checked = false;
        show();
      } else if (target instanceof HTMLAnchorElement) ask(target.href);
      else if (target.dataset.act === "restore") attempt("/storage/trash/restore", [["ids", chosen().join(",")]]);
      else ask(`/storage/trash/destroy?id=${chosen().join(",")}`);
    }, { signal });
    show();
  }

  disconnectedCallback(): void {
    this.stop.abort();
  }
}
