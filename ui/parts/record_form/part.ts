import { visit } from "@hotwired/turbo";
import { find } from "../../core/dom.ts";

/** Opens a page that has the frame "record-dialog" as a dialog: its form stays in the dialog until it is accepted. */
export function openQuestion(href: string): void {
  find(document, ".record-dialog", HTMLDialogElement)?.remove();
  const opener = document.activeElement;
  const dialog = document.createElement("dialog");
  dialog.className = "record-dialog";
  const frame = document.createElement("turbo-frame");
  frame.id = "record-dialog";
  dialog.append(frame);
  frame.addEventListener("turbo:frame-load", () => arrived(dialog, frame));
  frame.addEventListener("turbo:frame-missing", (event) => void leadOn(event, dialog));
  frame.addEventListener("input", (event) => nameTyped(event.target));
  dialog.addEventListener("click", (event) => pressed(event, dialog));
  dialog.addEventListener("close", () => {
    if ("led" in dialog.dataset) return;
    dialog.remove();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  });
  document.body.append(dialog);
  frame.setAttribute("src", href);
}

function arrived(dialog: HTMLDialogElement, frame: HTMLElement): void {
  const heading = find(frame, "h2", HTMLElement);
  if (heading) {
    heading.id = "record-dialog-title";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  // The form answers into the dialog; without script it would have led to a page.
  const form = find(frame, "form", HTMLFormElement);
  if (form) form.dataset.turboFrame = "record-dialog";
  armName(frame);
  if (!dialog.open) dialog.showModal();
  const wanted = find(frame, '[aria-invalid="true"], .alert.warn ~ footer .btn-primary', HTMLElement)
    ?? find(frame, ".input, .select", HTMLElement) ?? find(frame, "footer .btn", HTMLElement);
  wanted?.focus();
}

/** An answer without the frame is the page where the deed leads. It is fetched for itself: only so it brings the toast. */
async function leadOn(event: Event, dialog: HTMLDialogElement): Promise<void> {
  if (!(event instanceof CustomEvent)) return;
  event.preventDefault();
  const response: Response = event.detail.response;
  // The dialog leaves with the page: taking its frame away now would break off the answer.
  dialog.dataset.led = "";
  dialog.close();
  if (response.redirected) {
    visit(response.url, { action: response.url === location.href ? "replace" : "advance" });
    return;
  }
  const responseHTML = await response.text();
  visit(response.url, { action: "replace", response: { statusCode: response.status, redirected: false, responseHTML } });
}

function pressed(event: MouseEvent, dialog: HTMLDialogElement): void {
  if (event.target instanceof Element && event.target.closest("[data-close]")) {
    event.preventDefault();
    event.stopPropagation();
    dialog.close();
  }
}

/** The last button waits until the record's name is typed. */
function armName(root: ParentNode): void {
  const input = find(root, 'form[data-type-name] input[name="typed"]', HTMLInputElement);
  if (input) nameTyped(input);
}

function nameTyped(target: EventTarget | null): void {
  if (!(target instanceof HTMLInputElement) || target.name !== "typed") return;
  const form = target.form;
  const button = form && find(form, "footer button", HTMLButtonElement);
  if (form && button) button.disabled = target.value.trim().replace(/\s+/g, " ") !== form.dataset.typeName;
}

/** Links marked data-record-dialog open as dialogs on every page. */
export function startQuestions(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest("a[data-record-dialog]") : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    openQuestion(link.href);
  });
  document.addEventListener("turbo:load", () => armName(document));
  document.addEventListener("input", (event) => nameTyped(event.target));
}
