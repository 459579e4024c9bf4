import { Refusal, send, showFailure } from "runes";
import { plain } from "../../core/fuzzy.ts";
import { ChoiceList, type Choice } from "./list.ts";

interface Found {
  found: { id: string; title: string; subtitle?: string }[];
  create: boolean;
}

const pause = 120;
const newOne = "\u0000new";

/** Chooses a record by its name: the select it stands on keeps the value, so that the form works without script. */
export class RecordPicker extends HTMLElement {
  #list: ChoiceList | null = null;
  #input: HTMLInputElement | null = null;
  #timer = 0;
  #asking: AbortController | null = null;

  connectedCallback(): void {
    const select = this.#select;
    if (!select || this.#input) return;
    const input = document.createElement("input");
    input.className = "input";
    input.type = "text";
    input.role = "combobox";
    input.autocomplete = "off";
    input.ariaExpanded = "false";
    input.placeholder = this.dataset.placeholder ?? "";
    input.id = select.id;
    select.id = "";
    for (const name of ["aria-invalid", "aria-describedby"]) {
      const value = select.getAttribute(name);
      if (value) input.setAttribute(name, value);
    }
    input.ariaRequired = String(select.required);
    const hadFocus = document.activeElement === select; // a dialog opens with the focus here
    select.hidden = true;
    select.before(input);
    if (hadFocus) input.focus();
    this.#input = input;
    this.#list = new ChoiceList(input, this.dataset.name ?? "", (choice) => void this.#choose(choice));
    this.#restore();
    input.addEventListener("input", () => this.#later());
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => void this.#search());
    input.addEventListener("blur", () => this.#left());
    input.addEventListener("keydown", (event) => this.#key(event));
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#list?.close();
  }

  get #select(): HTMLSelectElement | null {
    return this.querySelector("select");
  }

  #key(event: KeyboardEvent): void {
    if (this.#list?.key(event)) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      void this.#search();
    } else if (event.key === "Escape" && this.#list?.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.#list.close();
      this.#restore();
    } else if (event.key === "Enter" && this.#list?.isOpen) event.preventDefault();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#search(), pause);
  }

  async #search(): Promise<void> {
    const input = this.#input;
    if (!input) return;
    this.#asking?.abort();
    this.#asking = new AbortController();
    const chosen = this.#select?.selectedOptions[0]?.text ?? "";
    const typed = input.value === chosen ? "" : input.value.trim();
    const query = new URLSearchParams({ kind: this.dataset.kind ?? "", q: typed });
    let said: Found;
    try {
      said = (await (await send(`/pick?${query}`, { signal: this.#asking.signal })).json()) as Found;
    } catch {
      return; // typed on, or told already
    }
    if (document.activeElement !== input) return;
    const choices = said.found.map((one): Choice => ({ id: one.id, title: one.title, note: one.subtitle ?? "" }));
    if (said.create && typed && !choices.some((c) => plain(c.title) === plain(typed))) {
      choices.push({ id: newOne, title: (this.dataset.create ?? "").replace("{name}", typed) });
    }
    this.#list?.show([{ title: "", choices }], this.dataset.none ?? "", input.getBoundingClientRect());
  }

  async #choose(choice: Choice): Promise<void> {
    const typed = this.#input?.value.trim() ?? "";
    this.#list?.close();
    if (choice.id !== newOne) return this.#take(choice.id, choice.title);
    try {
      const body = new URLSearchParams({ kind: this.dataset.kind ?? "", name: typed });
      const made = (await (await send("/pick", { method: "POST", body, quiet: true })).json()) as Choice;
      this.#take(made.id, made.title);
    } catch (error) {
      if (error instanceof Refusal) showFailure(error.message);
    }
  }

  #take(id: string, title: string): void {
    const select = this.#select;
    if (!select) return;
    const option = document.createElement("option");
    option.value = id;
    option.text = title;
    select.replaceChildren(option);
    select.value = id;
    this.#restore();
    this.#input?.removeAttribute("aria-invalid");
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** An empty field means nobody; anything that was not chosen goes back to what was. */
  #left(): void {
    this.#list?.close();
    const select = this.#select;
    if (this.#input?.value.trim() === "" && select && !select.required) {
      select.replaceChildren(document.createElement("option"));
    }
    this.#restore();
  }

  #restore(): void {
    if (this.#input) this.#input.value = this.#select?.selectedOptions[0]?.text ?? "";
  }
}
