import { copyOf, find, findAll, write } from "../../core/dom.ts";

/** How long a toast stays; the pointer or the focus on it stops the clock. */
const stay = 6000;

/** Says a sentence for six seconds. undo is a POST address behind the Undo button. */
export function toast(sentence: string, undo = ""): void {
  const place = document.getElementById("toasts");
  const box = copyOf(find(document, 'template[data-part="toast"]', HTMLTemplateElement));
  if (!place || !box) return;
  for (const old of place.querySelectorAll(".toast")) old.remove();
  write(box, "[data-text]", sentence);
  const form = find(box, "form", HTMLFormElement);
  if (form && undo) {
    form.action = undo;
    form.hidden = false;
    form.addEventListener("submit", () => box.remove());
  }
  box.querySelector("[data-close]")?.addEventListener("click", () => box.remove());
  leaveAfter(box);
  place.append(box);
}

function leaveAfter(box: HTMLElement): void {
  let clock = 0;
  const run = (): void => { clock = window.setTimeout(() => box.remove(), stay); };
  const hold = (): void => window.clearTimeout(clock);
  for (const name of ["pointerenter", "focusin"]) box.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) box.addEventListener(name, run);
  run();
}

/** Says what the server left for this page, once: the note is taken out, so that Back does not say it again. */
export function showFlash(): void {
  for (const flash of findAll(document, "template[data-flash]", HTMLTemplateElement)) {
    flash.remove();
    toast(flash.dataset.text ?? "", flash.dataset.undo ?? "");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-say]") : null;
  if (button instanceof HTMLElement) toast(button.dataset.say ?? "");
});
