import { copyOf, find, write } from "../../core/dom.ts";

/** A question before something is lost. name, when given, must be typed. */
export interface Question {
  title: string;
  text: string;
  verb: string;
  name?: string;
}

/** Turbo asks here for forms with data-turbo-confirm; the form's other data-confirm-… say what is lost. */
export function ask(question: string | Question, form?: HTMLFormElement): Promise<boolean> {
  const asked: Question = typeof question === "string"
    ? { title: question, text: form?.dataset.confirmText ?? "", verb: form?.dataset.confirmVerb ?? "", name: form?.dataset.confirmName ?? "" }
    : question;
  const dialog = copyOf(find(document, 'template[data-part="confirm"]', HTMLTemplateElement));
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve(false);
  write(dialog, "[data-title]", asked.title);
  write(dialog, "[data-text]", asked.text);
  write(dialog, "[data-verb]", asked.verb);
  if (asked.name) confirmByName(dialog, asked.name);
  return answer(dialog);
}

/** The verb stays disabled until the record's name is typed. */
function confirmByName(dialog: HTMLDialogElement, name: string): void {
  const box = find(dialog, "[data-name]", HTMLElement);
  const input = find(dialog, "input", HTMLInputElement);
  const verb = find(dialog, "[data-verb]", HTMLButtonElement);
  if (!box || !input || !verb) return;
  box.hidden = false;
  write(dialog, "[data-expected]", name);
  const sync = (): void => { verb.disabled = input.value.trim() !== name; };
  input.addEventListener("input", sync);
  input.addEventListener("keydown", (event) => { if (event.key === "Enter" && verb.disabled) event.preventDefault(); });
  sync();
}

function answer(dialog: HTMLDialogElement): Promise<boolean> {
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    const field = find(dialog, "[data-name]:not([hidden]) input", HTMLInputElement);
    (field ?? find(dialog, "footer button", HTMLButtonElement))?.focus();
  });
}
