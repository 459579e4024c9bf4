import { within } from "../../core/dom.ts";

/** A switch acts at once: changing it sends its form. */
export function startSwitches(): void {
  document.addEventListener("change", (event) => {
    within(event, "[data-submit]", HTMLInputElement)?.form?.requestSubmit();
  });
}
