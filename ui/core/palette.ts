import { visit } from "@hotwired/turbo";
import { commands, type Command } from "./commands.ts";
import { copyOf, find, findAll, within, write } from "./dom.ts";
import { arrange, matches, unscored, type Found, type Group } from "./groups.ts";
import { openKeys } from "./keys.ts";
import { recall, remember } from "./recent.ts";
import { askRecords, kindIcon, recordMark, stillFits } from "./records.ts";
import { changeTheme, isTheme } from "./theme.ts";
import { openQuestion } from "../parts/record_form/part.ts";

/** Milliseconds between two questions to the server: the first letter asks at once, a key that is held down does not ask for each repetition. */
const pause = 30;

/** The command palette: everything the page offers at once, and records as the server finds them. */
class Palette extends HTMLElement {
  #all: Command[] = [];
  #records = new Map<string, Command[]>();
  #opened: Command[] = [];
  #shown: Found[] = [];
  #kind = "";
  #at = 0;
  #asking: AbortController | null = null;
  #timer = 0;
  #asked = 0;

  connectedCallback(): void {
    this.#input?.addEventListener("input", () => this.#search());
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("pointermove", (event) => {
      const option = within(event, ".opt", HTMLElement);
      if (option) this.#mark(Number(option.dataset.n));
    });
    // The news of a close may come when the palette is open again: what is asked then goes on.
    this.#dialog?.addEventListener("close", () => { if (!this.#dialog?.open) this.#forget(); });
  }

  disconnectedCallback(): void {
    this.#forget();
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
    this.#opened = [];
    input.value = "";
    this.#choose("");
    this.#dialog.showModal();
    input.focus();
  }

  get #recents(): string[] {
    return recall(this.dataset.recents ?? "");
  }

  get #what(): string {
    return this.#input?.value.trim() ?? "";
  }

  #forget(): void {
    window.clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
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
    const what = this.#what;
    this.#forget();
    for (const [kind, found] of this.#records) this.#records.set(kind, found.filter((c) => (!this.#kind || kind === this.#kind) && stillFits(what, c)));
    if (!what) this.#records.clear();
    const isOwn = ["page", "action", "help"].includes(this.#kind) || !this.querySelector("template[data-of][data-text]");
    if (!isOwn) this.#asking = new AbortController();
    this.#show(0);
    if (this.#asking) this.#timer = window.setTimeout(() => void this.#ask(what), performance.now() - this.#asked < pause ? pause : 0);
  }

  /** What arrives is shown at once; what was found for fewer letters makes way when the answer is complete. */
  async #ask(what: string): Promise<void> {
    const asking = this.#asking;
    if (!asking) return;
    this.#asked = performance.now();
    const found = new Map<string, Command[]>();
    const query = new URLSearchParams(what ? { q: what, kind: this.#kind } : this.#before());
    try {
      if (what || query.has("ref")) {
        await askRecords(query, asking.signal, (kind, some) => {
          if (asking.signal.aborted) return;
          found.set(kind, [...(found.get(kind) ?? []), ...some]);
          if (what) this.#records.set(kind, found.get(kind) ?? []);
          else this.#opened = [...found.values()].flat();
          this.#show();
        });
      }
    } catch {
      return; // typed on, or no connection: pages and actions are there all the same
    }
    if (asking.signal.aborted) return;
    this.#asking = null;
    if (what) this.#records = found;
    this.#show();
  }

  /** Records opened before; the server says which of them are still there for this person. */
  #before(): [string, string][] {
    return this.#recents.filter((id) => id.startsWith(recordMark)).map((id) => ["ref", id.slice(recordMark.length)]);
  }

  #show(at?: number): void {
    const marked = this.#shown[this.#at]?.command.id;
    const what = this.#what;
    const among = this.#all.filter((c) => !this.#kind || c.kind === this.#kind);
    const records = [...this.#records].map(([kind, found]): Group => [kind, found.map(unscored)]);
    const groups = what ? arrange(matches(what, among), records) : this.#resting(among);
    if (what && records.some(([, found]) => found.length > 0)) groups.push(["everything", [unscored(this.#everything(what))]]);
    this.#draw(groups);
    const again = this.#shown.findIndex((f) => f.command.id === marked);
    this.#mark(at ?? (this.#at > 0 && again >= 0 ? again : 0));
  }

  #everything(what: string): Command {
    const query = new URLSearchParams({ q: what });
    if (this.#kind) query.set("kind", this.#kind);
    const text = (this.dataset.everything ?? "").replace("{text}", what);
    return { id: "", kind: "everything", text, note: "", icon: kindIcon("everything"), href: `/search?${query.toString()}`, does: "" };
  }

  /** Without letters: what was used last, then everything in its order. */
  #resting(among: Command[]): Group[] {
    const opened = this.#opened.filter((c) => !this.#kind || c.kind === this.#kind);
    const recent = this.#recents.flatMap((id) => [...among, ...opened].filter((c) => c.id === id));
    const rest = among.filter((c) => !recent.includes(c));
    return [
      ["recent", recent.map(unscored)],
      ...["page", "help", "action"].map((kind): Group => [kind, rest.filter((c) => c.kind === kind).map(unscored)]),
    ];
  }

  #draw(groups: Group[]): void {
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
      const title = groupTemplate.dataset[name] ?? this.#kindTemplate(name)?.dataset.text ?? "";
      group.setAttribute("aria-label", title);
      write(group, ".gh", title);
      for (const f of found) group.append(...this.#option(f, n++));
      list.append(group);
    }
    list.hidden = n === 0;
    if (none) none.hidden = n > 0 || this.#asking !== null || !this.#what;
    this.#count(this.#shown.filter((f) => f.command.id !== "").length);
  }

  #kindTemplate(kind: string): HTMLTemplateElement | null {
    return find(this, `template[data-of="${CSS.escape(kind)}"]`, HTMLTemplateElement);
  }

  #option(found: Found, n: number): HTMLElement[] {
    const option = copyOf(find(this, "template[data-option]", HTMLTemplateElement));
    if (!option) return [];
    option.id = `palette-${n}`;
    option.dataset.n = String(n);
    const icon = found.command.icon?.cloneNode(true);
    if (icon) option.querySelector(".tile")?.append(icon);
    option.querySelector(".tile")?.setAttribute("data-hue", this.#kindTemplate(found.command.kind)?.dataset.hue ?? (found.command.kind === "page" ? "8" : "7"));
    option.querySelector("[data-text]")?.append(...(found.command.parts ? pieces(found.command.parts) : marked(found.command.text, found.at)));
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
    if (command.id) remember(command.id);
    if (command.over) openQuestion(command.href);
    else if (command.href) visit(command.href);
    else run(command.does);
  }
}

function marked(text: string, at: number[]): (Text | HTMLElement)[] {
  return [...text].map((letter, n) => {
    return at.includes(n) ? mark(letter) : document.createTextNode(letter);
  });
}

function pieces(parts: string[]): (Text | HTMLElement)[] {
  return parts.map((part, n) => (n % 2 === 1 ? mark(part) : document.createTextNode(part)));
}

function mark(text: string): HTMLElement {
  const made = document.createElement("mark");
  made.textContent = text;
  return made;
}

function run(does: string): void {
  const theme = does.replace("theme-", "");
  if (isTheme(theme)) void changeTheme(theme).catch(() => undefined); // send has shown the failure
  else if (does === "keys") openKeys();
  else if (does === "preferences") visit("/preferences");
  else if (does === "sign-out") find(document, 'form[action="/logout"]', HTMLFormElement)?.requestSubmit();
}

/** Whether there is one to open: people and organisations may switch it off. */
export function openPalette(): boolean {
  const palette = find(document, "ui-palette", Palette);
  palette?.open();
  return palette !== null;
}

export function startPalette(): void {
  customElements.define("ui-palette", Palette);
  document.addEventListener("click", (event) => {
    if (!within(event, "[data-palette]", HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (openPalette()) event.preventDefault();
  });
}
