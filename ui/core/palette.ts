import { visit } from "@hotwired/turbo";
import { commands, type Command } from "./commands.ts";
import { copyOf, find, findAll, within, write } from "./dom.ts";
import { fuzzy } from "./fuzzy.ts";
import { openKeys } from "./keys.ts";
import { recall, remember } from "./recent.ts";
import { changeTheme, isTheme } from "./theme.ts";

interface Found {
  command: Command;
  score: number;
  at: number[];
}

/** The command palette: everything the page offers, a few letters away. */
class Palette extends HTMLElement {
  #all: Command[] = [];
  #shown: Found[] = [];
  #kind = "";
  #at = 0;

  connectedCallback(): void {
    this.#input?.addEventListener("input", () => this.#search());
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("pointermove", (event) => {
      const option = within(event, ".opt", HTMLElement);
      if (option) this.#mark(Number(option.dataset.n));
    });
  }

  get #dialog(): HTMLDialogElement | null {
    return find(this, "dialog", HTMLDialogElement);
  }

  get #input(): HTMLInputElement | null {
    return find(this, "input", HTMLInputElement);
  }

  open(): void {
    const input = this.#input;
    if (!input || !this.#dialog || this.#dialog.open) return;
    this.#all = commands();
    input.value = "";
    this.#choose("");
    this.#dialog.showModal();
    input.focus();
  }

  #choose(kind: string): void {
    this.#kind = kind;
    for (const chip of findAll(this, "[data-kind]", HTMLElement)) {
      chip.classList.toggle("on", chip.dataset.kind === kind);
      chip.setAttribute("aria-pressed", String(chip.dataset.kind === kind));
    }
    this.#search();
  }

  #search(): void {
    const what = this.#input?.value.trim() ?? "";
    const among = this.#all.filter((c) => !this.#kind || c.kind === this.#kind);
    const groups = what ? matches(what, among) : this.#resting(among);
    this.#draw(groups);
  }

  /** Without letters: what was used last, then everything in its order. */
  #resting(among: Command[]): [string, Found[]][] {
    const recent = recall().flatMap((id) => among.filter((c) => c.id === id));
    const rest = among.filter((c) => !recent.includes(c));
    return [
      ["recent", recent.map(unscored)],
      ["page", rest.filter((c) => c.kind === "page").map(unscored)],
      ["action", rest.filter((c) => c.kind === "action").map(unscored)],
    ];
  }

  #draw(groups: [string, Found[]][]): void {
    const list = find(this, ".p-list", HTMLElement);
    const none = find(this, ".p-none", HTMLElement);
    const groupTemplate = find(this, "template[data-group]", HTMLTemplateElement);
    if (!list || !groupTemplate) return;
    this.#shown = groups.flatMap(([, found]) => found);
    list.replaceChildren();
    let n = 0;
    for (const [name, found] of groups) {
      const group = copyOf(groupTemplate);
      if (!group || found.length === 0) continue;
      const title = groupTemplate.dataset[name] ?? "";
      group.setAttribute("aria-label", title);
      write(group, ".gh", title);
      for (const f of found) group.append(...this.#option(f, n++));
      list.append(group);
    }
    list.hidden = n === 0;
    if (none) none.hidden = n > 0;
    this.#count(n);
    this.#mark(0);
  }

  #option(found: Found, n: number): HTMLElement[] {
    const option = copyOf(find(this, "template[data-option]", HTMLTemplateElement));
    if (!option) return [];
    option.id = `palette-${n}`;
    option.dataset.n = String(n);
    const icon = found.command.icon?.cloneNode(true);
    if (icon) option.querySelector(".tile")?.append(icon);
    option.querySelector(".tile")?.setAttribute("data-hue", found.command.kind === "page" ? "8" : "7");
    option.querySelector("[data-text]")?.append(...marked(found.command.text, found.at));
    write(option, "[data-note]", found.command.note);
    return [option];
  }

  #count(n: number): void {
    const count = find(this, "[data-count]", HTMLElement);
    if (count) count.textContent = (n === 1 ? count.dataset.countOne : count.dataset.countOther?.replace("{n}", String(n))) ?? "";
  }

  #mark(n: number): void {
    this.#at = Math.max(0, Math.min(n, this.#shown.length - 1));
    for (const option of findAll(this, ".opt", HTMLElement)) {
      const isOn = option.dataset.n === String(this.#at);
      option.classList.toggle("on", isOn);
      option.setAttribute("aria-selected", String(isOn));
      const enter = find(option, ".kbd", HTMLElement);
      if (enter) enter.hidden = !isOn;
      if (isOn) this.#input?.setAttribute("aria-activedescendant", option.id);
    }
    if (this.#shown.length === 0) this.#input?.removeAttribute("aria-activedescendant");
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && this.#shown.length > 0) {
      event.preventDefault();
      this.#mark((this.#at + step + this.#shown.length) % this.#shown.length);
      find(this, ".opt.on", HTMLElement)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && event.target === this.#input) {
      event.preventDefault();
      this.#run(this.#at);
    }
  }

  #click(event: Event): void {
    const chip = within(event, "[data-kind]", HTMLElement);
    const option = within(event, ".opt", HTMLElement);
    if (chip) {
      this.#choose(chip.dataset.kind ?? "");
      this.#input?.focus();
    }
    if (option) this.#run(Number(option.dataset.n));
  }

  #run(n: number): void {
    const command = this.#shown[n]?.command;
    if (!command) return;
    this.#dialog?.close();
    remember(command.id);
    if (command.href) visit(command.href);
    else run(command.does);
  }
}

function matches(what: string, among: Command[]): [string, Found[]][] {
  const found = among.flatMap((command) => {
    const match = fuzzy(what, command.text) ?? lesser(what, command.note);
    return match ? [{ command, ...match }] : [];
  });
  found.sort((a, b) => b.score - a.score);
  return [
    ["best", found.slice(0, 1)],
    ["page", found.slice(1).filter((f) => f.command.kind === "page")],
    ["action", found.slice(1).filter((f) => f.command.kind === "action")],
  ];
}

/** A match in the rune's name counts less, and there are no letters to mark in the text. */
function lesser(what: string, note: string): { score: number; at: number[] } | null {
  const match = note ? fuzzy(what, note) : null;
  return match ? { score: match.score / 4, at: [] } : null;
}

function unscored(command: Command): Found {
  return { command, score: 0, at: [] };
}

function marked(text: string, at: number[]): (Text | HTMLElement)[] {
  return [...text].map((letter, n) => {
    if (!at.includes(n)) return document.createTextNode(letter);
    const mark = document.createElement("mark");
    mark.textContent = letter;
    return mark;
  });
}

function run(does: string): void {
  const theme = does.replace("theme-", "");
  if (isTheme(theme)) void changeTheme(theme).catch(() => undefined); // send has shown the failure
  else if (does === "keys") openKeys();
  else if (does === "preferences") visit("/preferences");
  else if (does === "sign-out") find(document, 'form[action="/logout"]', HTMLFormElement)?.requestSubmit();
}

export function openPalette(): void {
  find(document, "ui-palette", Palette)?.open();
}

export function startPalette(): void {
  customElements.define("ui-palette", Palette);
  document.addEventListener("click", (event) => {
    if (within(event, "[data-palette]", HTMLElement)) openPalette();
  });
}
