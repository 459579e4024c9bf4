/** A line to choose. */
export interface Choice {
  id: string;
  title: string;
  note?: string;
  code?: boolean;
}

export interface ChoiceGroup {
  title: string;
  choices: Choice[];
}

let made = 0;

/** The list below a field: the focus stays in the field, arrows move, Enter or a click chooses. */
export class ChoiceList {
  readonly #box = document.createElement("div");
  readonly #field: HTMLElement;
  readonly #choose: (choice: Choice) => void;
  #shown: Choice[] = [];
  #at = 0;

  constructor(field: HTMLElement, name: string, choose: (choice: Choice) => void) {
    this.#field = field;
    this.#choose = choose;
    this.#box.className = "pick-list pop";
    this.#box.popover = "manual";
    this.#box.role = "listbox";
    this.#box.id = `pick-${++made}`;
    this.#box.ariaLabel = name;
    this.#box.tabIndex = 0; // it scrolls; the Tab key itself closes it
    // The field keeps the focus, so that typing goes on.
    this.#box.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#box.addEventListener("click", (event) => {
      const line = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
      const choice = line && this.#shown[Number(line.dataset.n)];
      if (choice) this.#choose(choice);
    });
    field.setAttribute("aria-autocomplete", "list");
  }

  get isOpen(): boolean {
    return this.#box.matches(":popover-open");
  }

  /** Shows the groups, or the sentence when there is nothing to choose. */
  show(groups: ChoiceGroup[], nothing: string, under: DOMRect): void {
    if (!this.#box.isConnected) this.#field.after(this.#box);
    this.#field.setAttribute("aria-controls", this.#box.id);
    this.#shown = groups.flatMap((g) => g.choices);
    this.#at = 0;
    this.#box.replaceChildren(...groups.filter((g) => g.choices.length > 0).map((g) => this.#group(g)));
    if (this.#shown.length === 0) {
      const none = document.createElement("p");
      none.className = "pick-none";
      none.textContent = nothing;
      none.role = "option";
      none.ariaDisabled = "true";
      this.#box.append(none);
    }
    if (!this.isOpen) this.#box.showPopover();
    this.#place(under);
    this.#mark(0);
    if (this.#field.role === "combobox") this.#field.ariaExpanded = "true";
  }

  close(): void {
    if (this.#box.isConnected) this.#box.remove();
    this.#field.removeAttribute("aria-activedescendant");
    this.#field.removeAttribute("aria-controls");
    if (this.#field.role === "combobox") this.#field.ariaExpanded = "false";
  }

  /** Arrows, Enter, Tab; whether the key was for the list. */
  key(event: KeyboardEvent): boolean {
    if (!this.isOpen || event.isComposing) return false;
    if (event.key === "Tab") this.close();
    const count = this.#shown.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (count > 0) this.#mark((this.#at + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter" && this.#shown[this.#at]) this.#choose(this.#shown[this.#at]!);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #group(group: ChoiceGroup): HTMLElement {
    const box = document.createElement("div");
    box.role = "group";
    if (group.title) {
      const head = document.createElement("p");
      head.className = "gh";
      head.ariaHidden = "true";
      head.textContent = group.title;
      box.ariaLabel = group.title;
      box.append(head);
    }
    box.append(...group.choices.map((choice) => this.#line(choice)));
    return box;
  }

  #line(choice: Choice): HTMLElement {
    const line = document.createElement("div");
    const n = this.#shown.indexOf(choice);
    line.className = "opt";
    line.role = "option";
    line.id = `${this.#box.id}-${n}`;
    line.dataset.n = String(n);
    const title = document.createElement("span");
    title.className = "truncate";
    title.textContent = choice.title;
    line.append(title);
    if (choice.note) {
      const note = document.createElement(choice.code ? "code" : "small");
      note.className = "truncate";
      note.textContent = choice.note;
      line.append(note);
    }
    return line;
  }

  #mark(n: number): void {
    this.#at = n;
    for (const line of this.#box.querySelectorAll<HTMLElement>("[data-n]")) {
      const isOn = Number(line.dataset.n) === n;
      line.classList.toggle("on", isOn);
      line.ariaSelected = String(isOn);
      if (!isOn) continue;
      this.#field.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    }
  }

  /** Below the place, above it where there is more room. */
  #place(under: DOMRect): void {
    const style = this.#box.style;
    const width = Math.min(Math.max(under.width, 300), window.innerWidth - 16);
    const below = window.innerHeight - under.bottom - 12;
    const isBelow = below >= 200 || below >= under.top;
    style.width = `${width}px`;
    style.left = `${Math.max(8, Math.min(under.left, window.innerWidth - width - 8))}px`;
    style.maxHeight = `${Math.max(120, Math.min(340, isBelow ? below : under.top - 12))}px`;
    style.top = isBelow ? `${under.bottom + 4}px` : "auto";
    style.bottom = isBelow ? "auto" : `${window.innerHeight - under.top + 4}px`;
  }
}
