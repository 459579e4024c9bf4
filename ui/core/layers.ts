import { find, within } from "./dom.ts";

/** Buttons with data-open show the dialog of that selector, those with data-close close the one around them. */
export function startLayers(): void {
  document.addEventListener("click", (event) => {
    const opener = within(event, "[data-open]", HTMLElement);
    const dialog = opener?.dataset.open ? find(document, opener.dataset.open, HTMLDialogElement) : null;
    if (dialog) {
      event.preventDefault();
      openDialog(dialog);
      return;
    }
    const closer = within(event, "[data-close]", HTMLElement);
    closer?.closest("dialog")?.close();
  });
  document.addEventListener("click", (event) => {
    // A click on the backdrop reaches the dialog itself; what was typed is kept, so closing loses nothing.
    if (event.target instanceof HTMLDialogElement && isOutside(event.target, event)) event.target.close();
  });
}

/** Opens a dialog with the focus at its first field, its text selected. */
export function openDialog(dialog: HTMLDialogElement): void {
  if (!dialog.open) dialog.showModal();
  const field = find(dialog, "input:not([type=hidden]):not([type=checkbox]), textarea", HTMLElement);
  field?.focus();
  if (field instanceof HTMLInputElement) field.select();
}

function isOutside(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
