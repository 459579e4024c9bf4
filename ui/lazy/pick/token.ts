import { send } from "runes";
import { plain } from "../../core/fuzzy.ts";
import { ChoiceList, type Choice, type ChoiceGroup } from "./list.ts";
import { putToken, tokensIn, writingAt } from "./scan.ts";

interface TokenGroup {
  name: string;
  tokens: { name: string; title: string; alias?: string }[];
}

/** Typing rests this long before the preview is asked for. */
const pause = 350;

/** A text with tokens: "[[" opens the list of those this person may use, unknown ones turn bad, a preview shows the rest. */
export class TokenField extends HTMLElement {
  #groups: Promise<TokenGroup[]> | null = null;
  #list: ChoiceList | null = null;
  #opened = false;
  #timer = 0;
  #asking: AbortController | null = null;
  #sizes: ResizeObserver | null = null;

  connectedCallback(): void {
    const field = this.#field;
    if (!field || this.#list) return;
    this.#list = new ChoiceList(field, this.dataset.name ?? "", (choice) => this.#put(choice));
    field.addEventListener("input", () => this.#changed());
    field.addEventListener("click", () => void this.#suggest());
    field.addEventListener("keydown", (event) => this.#key(event));
    field.addEventListener("scroll", () => this.#followScroll());
    field.addEventListener("blur", () => this.#close());
    const button = this.querySelector<HTMLButtonElement>("[data-token-button]");
    if (button) {
      button.hidden = false;
      button.addEventListener("pointerdown", (event) => event.preventDefault());
      button.addEventListener("click", () => this.#open());
    }
    this.#mirror?.classList.add("on");
    this.#sizes = new ResizeObserver(() => this.#fit());
    this.#sizes.observe(field);
    void this.#draw();
    this.#askPreview();
  }

  disconnectedCallback(): void {
    this.#list?.close();
    this.#sizes?.disconnect();
    this.#asking?.abort();
    clearTimeout(this.#timer);
  }

  get #field(): HTMLTextAreaElement | HTMLInputElement | null {
    return this.querySelector<HTMLTextAreaElement | HTMLInputElement>("textarea, input.input");
  }

  get #mirror(): HTMLElement | null {
    return this.querySelector<HTMLElement>(".token-mirror");
  }

  async #known(): Promise<TokenGroup[]> {
    this.#groups ??= send("/tokens", { quiet: true }).then((response) => response.json() as Promise<TokenGroup[]>);
    return this.#groups.catch(() => {
      this.#groups = null; // asked again with the next letter
      return [];
    });
  }

  #changed(): void {
    void this.#draw();
    void this.#suggest();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#askPreview(), pause);
  }

  #key(event: Event): void {
    if (!(event instanceof KeyboardEvent)) return;
    if (event.key === "Escape" && this.#list?.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.#takeBack();
      this.#close();
      return;
    }
    this.#list?.key(event);
  }

  /** The button writes the brackets; whoever changes their mind finds the text as it was. */
  #open(): void {
    const field = this.#field;
    if (!field) return;
    field.focus();
    const caret = field.selectionStart ?? field.value.length;
    if (!writingAt(field.value, caret)) {
      field.setRangeText("[[", caret, field.selectionEnd ?? caret, "end");
      this.#opened = true;
    }
    this.#changed();
  }

  #takeBack(): void {
    const field = this.#field;
    const caret = field?.selectionStart ?? 0;
    if (!field || !this.#opened || writingAt(field.value, caret)?.typed !== "") return;
    field.setRangeText("", caret - 2, caret, "end");
    void this.#draw();
  }

  #close(): void {
    this.#opened = false;
    this.#list?.close();
  }

  async #suggest(): Promise<void> {
    const field = this.#field;
    const writing = field && writingAt(field.value, field.selectionStart ?? 0);
    if (!field || !writing) return this.#close();
    const wanted = plain(writing.typed).split(/\s+/).filter(Boolean);
    const groups = (await this.#known()).map((g): ChoiceGroup => ({
      title: g.name,
      choices: g.tokens
        .filter((t) => wanted.every((w) => plain(`${t.name} ${t.title} ${t.alias ?? ""} ${g.name}`).includes(w)))
        .map((t) => ({ id: t.name, title: t.title, note: t.name, code: true })),
    }));
    if (document.activeElement !== field) return;
    this.#list?.show(groups, this.dataset.none ?? "", field.getBoundingClientRect());
  }

  #put(choice: Choice): void {
    const field = this.#field;
    const caret = field?.selectionStart ?? 0;
    const writing = field && writingAt(field.value, caret);
    if (!field || !writing) return;
    const after = putToken(field.value, writing.from, caret, choice.id);
    field.value = after.text;
    field.setSelectionRange(after.caret, after.caret);
    this.#close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Draws the tokens behind the text and names the unknown ones below it. */
  async #draw(): Promise<void> {
    const field = this.#field;
    if (!field) return;
    const groups = await this.#known();
    const names = new Set(groups.flatMap((g) => g.tokens.flatMap((t) => [t.name.toLowerCase(), (t.alias ?? "").toLowerCase()])));
    const open = [...names].filter((n) => n.endsWith("*")).map((n) => n.slice(0, -1));
    const isKnown = (name: string): boolean => names.has(name) || open.some((begin) => name.startsWith(begin) && name.length > begin.length);
    const unknown: string[] = [];
    const drawn: Node[] = [];
    let at = 0;
    for (const token of tokensIn(field.value)) {
      const text = field.value.slice(token.from, token.to);
      const isBad = groups.length > 0 && !isKnown(token.name);
      if (isBad && !unknown.includes(text)) unknown.push(text);
      const mark = document.createElement("mark");
      mark.className = isBad ? "bad" : "";
      mark.textContent = text;
      drawn.push(document.createTextNode(field.value.slice(at, token.from)), mark);
      at = token.to;
    }
    drawn.push(document.createTextNode(`${field.value.slice(at)}\n`));
    this.#mirror?.replaceChildren(...drawn);
    this.#fit();
    const note = this.querySelector<HTMLElement>(".token-unknown");
    if (!note) return;
    note.hidden = unknown.length === 0;
    const words = note.querySelector("span");
    if (words) words.textContent = unknown.length > 0 ? `${this.dataset.unknown ?? ""}: ${unknown.join(", ")}` : "";
  }

  /** The mirror breaks its lines where the field does: a scrollbar takes its width from both. */
  #fit(): void {
    const field = this.#field;
    if (field && this.#mirror) this.#mirror.style.width = `${field.clientWidth}px`;
    this.#followScroll();
  }

  #followScroll(): void {
    const field = this.#field;
    const mirror = this.#mirror;
    if (!field || !mirror) return;
    mirror.scrollTop = field.scrollTop;
    mirror.scrollLeft = field.scrollLeft;
  }

  #askPreview(): void {
    const place = this.querySelector<HTMLElement>(".token-preview output");
    const field = this.#field;
    if (!place || !field) return;
    this.#asking?.abort();
    this.#asking = new AbortController();
    const body = new URLSearchParams({ text: field.value });
    for (const about of (this.dataset.about ?? "").split(" ").filter(Boolean)) body.append("about", about);
    send("/tokens/preview", { method: "POST", body, signal: this.#asking.signal, quiet: true })
      .then(async (response) => {
        const said = (await response.json()) as { text: string };
        place.textContent = said.text;
        const box = place.closest<HTMLElement>(".token-preview");
        if (box) box.hidden = said.text === "";
      })
      .catch(() => undefined); // the preview keeps what it showed
  }
}
