import { findAll } from "../../core/dom.ts";

/** A button that was pressed keeps its width, turns and does not send twice. Forms ask for it with data-busy. */
export function startBusy(): void {
  document.addEventListener("turbo:submit-start", (event) => setBusy(event.target, true));
  document.addEventListener("turbo:submit-end", (event) => setBusy(event.target, false));
}

function setBusy(form: EventTarget | null, isBusy: boolean): void {
  if (!(form instanceof HTMLFormElement) || !("busy" in form.dataset)) return;
  for (const button of findAll(form, ".btn-primary", HTMLButtonElement)) {
    if (isBusy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}
