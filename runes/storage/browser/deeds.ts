import { csrf, visit } from "runes";

/** What the page does with the server besides fetching: questions in dialogs, and forms that a script fills. */

type Field = [name: string, value: string];

/** post sends fields as a form of the page would: Turbo follows where it leads, the toast is kept. */
export function post(action: string, fields: Field[], options: { turbo?: boolean } = {}): void {
  const form = formOf(action, fields);
  if (options.turbo === false) form.dataset.turbo = "false";
  document.body.append(form);
  form.requestSubmit();
  setTimeout(() => form.remove(), 0);
}

/** ask opens a question as a dialog. fields go along with its form. */
export function ask(href: string, fields: Field[] = []): void {
  const dialog = dialogWith((frame) => frame.setAttribute("src", href));
  dialog.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement) for (const [name, value] of fields) event.target.append(hidden(name, value));
  });
}

/** attempt is post for a deed that may have to ask back: only then a dialog appears. */
export function attempt(action: string, fields: Field[]): void {
  dialogWith((frame) => {
    const form = formOf(action, fields);
    frame.append(form);
    form.requestSubmit();
  });
}

function formOf(action: string, fields: Field[]): HTMLFormElement {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  form.hidden = true;
  for (const [name, value] of [["csrf", csrf()] as Field, ...fields]) form.append(hidden(name, value));
  return form;
}

function hidden(name: string, value: string): HTMLInputElement {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  return input;
}

/**
 * A dialog around the frame "storage-dialog", in which the server's question pages have their form. It shows itself when
 * a question has come; an answer without that frame is the page where the deed leads.
 */
function dialogWith(begin: (frame: HTMLElement) => void): HTMLDialogElement {
  document.querySelector(".storage-dialog")?.remove();
  const opener = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "storage-dialog";
  const frame = document.createElement("turbo-frame");
  frame.id = "storage-dialog";
  dialog.append(frame);
  frame.addEventListener("turbo:before-frame-render", stayInside);
  frame.addEventListener("turbo:frame-load", () => arrived(dialog, frame));
  frame.addEventListener("turbo:frame-missing", (event) => void leadOn(event, dialog));
  dialog.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-close]")) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => closed(dialog, opener));
  document.body.append(dialog);
  begin(frame);
  return dialog;
}

/** Answers come back into the frame: a refused form with its reason, a secret that is shown once. */
function stayInside(event: Event): void {
  if (!(event instanceof CustomEvent) || !(event.detail.newFrame instanceof HTMLElement)) return;
  for (const form of event.detail.newFrame.querySelectorAll("form")) {
    form.dataset.turboFrame = "storage-dialog";
    delete form.dataset.turbo;
  }
}

function arrived(dialog: HTMLDialogElement, frame: HTMLElement): void {
  const heading = frame.querySelector("h2");
  if (heading) {
    heading.id = "storage-dialog-title";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  dialog.toggleAttribute("data-wide", frame.querySelector("[data-place], [data-secret]") !== null);
  if (!dialog.open) dialog.showModal();
  armed(frame);
  const first = frame.querySelector<HTMLElement>("[aria-invalid=true]")
    ?? frame.querySelector<HTMLElement>("[autofocus], [data-focus], input:checked, input:not([type=hidden]):not(:disabled), button");
  first?.focus();
  first?.scrollIntoView({ block: "nearest" });
  if (first instanceof HTMLInputElement && first.type === "text") selectStem(first);
}

/** selectStem marks a name without its ending, so that typing keeps ".pdf". */
function selectStem(input: HTMLInputElement): void {
  const dot = input.dataset.selectStem === "true" ? input.value.lastIndexOf(".") : -1;
  input.setSelectionRange(0, dot > 0 ? dot : input.value.length);
}

async function leadOn(event: Event, dialog: HTMLDialogElement): Promise<void> {
  if (!(event instanceof CustomEvent)) return;
  const response: Response = event.detail.response;
  event.preventDefault();
  // The dialog leaves with the page: taking its frame away now would break off the answer.
  dialog.dataset.led = "";
  dialog.close();
  if (response.redirected) {
    // The page is fetched for itself: only then it brings the toast along.
    visit(response.url, { action: response.url === location.href ? "replace" : "advance" });
    return;
  }
  const responseHTML = await response.text();
  visit(response.url, { action: "replace", response: { statusCode: response.status, redirected: false, responseHTML } });
}

function closed(dialog: HTMLDialogElement, opener: Element | null): void {
  if ("led" in dialog.dataset) return;
  const changed = dialog.querySelector("[data-secret]") !== null;
  dialog.remove();
  if (changed) visit(location.href, { action: "replace" });
  else if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
}

/** A final deed waits until its word is typed; the part "record_form" hears the typing. */
function armed(frame: HTMLElement): void {
  const verb = frame.querySelector<HTMLButtonElement>("form[data-type-name] footer button");
  if (verb) verb.disabled = true;
}
