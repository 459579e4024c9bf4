import { within } from "../../core/dom.ts";

/** A switch acts at once, and so does a choice marked like it: changing it sends its form. */
export function startSwitches(): void {
  document.addEventListener("change", (event) => {
    within(event, "[data-submit]", HTMLElement)?.closest("form")?.requestSubmit();
  });
}
