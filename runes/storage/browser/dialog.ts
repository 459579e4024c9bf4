/**
 * Questions are pages with a form in a Turbo frame. With script they open in a dialog: the frame loads the page, a
 * refused form comes back into it, and an accepted one leads on.
 */
export interface Opened {
  dialog: HTMLDialogElement;
  frame: HTMLElement;
}

export function openDialog(href: string, options: { wide?: boolean; before?: (form: HTMLFormElement) => void } = {}): Opened {
  const opener = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "storage-dialog";
  dialog.toggleAttribute("data-wide", options.wide ?? false);
  const frame = document.createElement("turbo-frame");
  frame.id = "storage-dialog";
  frame.setAttribute("src", href);
  frame.setAttribute("aria-busy", "true");
  dialog.append(frame);
  frame.addEventListener("turbo:frame-load", () => arrived(dialog, frame));
  frame.addEventListener("turbo:frame-missing", (event) => leadOn(event, dialog));
  dialog.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  frame.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement) {
      event.target.removeAttribute("data-turbo-frame");
      options.before?.(event.target);
    }
  });
  frame.addEventListener("input", (event) => confirmByTyping(event.target));
  dialog.addEventListener("close", () => {
    const refresh = dialog.querySelector("[data-once]") !== null;
    dialog.remove();
    if (refresh) visit(location.href);
    else if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, frame };
}

function arrived(dialog: HTMLDialogElement, frame: HTMLElement): void {
  const heading = frame.querySelector("h2");
  if (heading) {
    heading.id ||= "storage-dialog-title";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  // The frame's links and forms belong to the page, except the question's own form.
  for (const form of frame.querySelectorAll("form")) form.dataset.turboFrame = "storage-dialog";
  const invalid = frame.querySelector<HTMLElement>("[aria-invalid=true]");
  const first = invalid ?? frame.querySelector<HTMLElement>("[autofocus], [data-focus], input:checked, input:not([type=hidden]):not([disabled]), button");
  first?.focus();
  if (first instanceof HTMLInputElement && first.dataset.selectStem === "true") selectStem(first);
  for (const input of frame.querySelectorAll("input")) confirmByTyping(input);
}

/** selectStem marks the name without its ending, so that typing keeps ".pdf". */
function selectStem(input: HTMLInputElement): void {
  const dot = input.value.lastIndexOf(".");
  input.setSelectionRange(0, dot > 0 ? dot : input.value.length);
}

function leadOn(event: Event, dialog: HTMLDialogElement): void {
  const detail = (event as CustomEvent<{ response: Response; visit: (to: Response) => void }>).detail;
  event.preventDefault();
  dialog.remove();
  detail.visit(detail.response);
}

/** confirmByTyping opens the way to a final deed only when the word is typed. */
function confirmByTyping(target: EventTarget | null): void {
  if (!(target instanceof HTMLInputElement)) return;
  const form = target.form;
  const word = form?.dataset.typeToConfirm;
  const verb = form?.querySelector<HTMLButtonElement>("footer button");
  if (word && verb && target.name === "typed") verb.disabled = target.value.trim() !== word;
}

export function visit(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.dataset.turboAction = "replace";
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}
