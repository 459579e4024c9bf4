import { find, findAll } from "../../core/dom.ts";

/** A text in which @ and the first letters of a name offer the members to mention. Without the script the whole name is typed. */
class Mention extends HTMLElement {
  private list: HTMLElement | null = null;
  private stop = new AbortController();

  connectedCallback(): void {
    const text = find(this, "textarea", HTMLTextAreaElement);
    if (!text) return;
    this.stop = new AbortController();
    const signal = this.stop.signal;
    text.addEventListener("input", () => this.offer(text), { signal });
    text.addEventListener("keydown", (event) => this.steer(event, text), { signal });
    text.addEventListener("blur", () => this.close(text), { signal });
  }

  disconnectedCallback(): void {
    this.stop.abort();
    this.list?.remove();
    this.list = null;
  }

  /** What stands between the last @ and the cursor, when somebody is being named. */
  private begun(text: HTMLTextAreaElement): string | null {
    return /(?:^|[^\p{L}\p{N}])@([\p{L}\p{N}.' -]{0,40})$/u.exec(text.value.slice(0, text.selectionStart))?.[1] ?? null;
  }

  private offer(text: HTMLTextAreaElement): void {
    const begun = this.begun(text)?.toLowerCase();
    const known = find(this, "template", HTMLTemplateElement)?.content ?? this;
    const fitting = begun === undefined ? [] : findAll(known, "[data-name]", HTMLElement).filter((option) => {
      const name = nameOf(option).toLowerCase();
      return name !== begun && ` ${name}`.includes(` ${begun}`);
    }).slice(0, 6);
    this.close(text);
    if (fitting.length === 0) return;
    const list = document.createElement("div");
    list.className = "mentions";
    list.id = "mentions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", this.dataset.label ?? "");
    fitting.forEach((member, n) => {
      const option = document.importNode(member, true);
      option.id = `mention-${n}`;
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.take(text, nameOf(option));
      });
      list.append(option);
    });
    text.before(list);
    text.setAttribute("aria-controls", list.id);
    this.list = list;
    this.choose(text, 0);
  }

  private steer(event: KeyboardEvent, text: HTMLTextAreaElement): void {
    if (!this.list || event.isComposing) return;
    const count = this.list.children.length;
    const at = [...this.list.children].findIndex((option) => option.ariaSelected === "true");
    if (event.key === "ArrowDown") this.choose(text, (at + 1) % count);
    else if (event.key === "ArrowUp") this.choose(text, (at - 1 + count) % count);
    else if (event.key === "Enter" || event.key === "Tab") this.take(text, nameOf(this.list.children[at]));
    else if (event.key === "Escape") this.close(text);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private choose(text: HTMLTextAreaElement, n: number): void {
    [...(this.list?.children ?? [])].forEach((option, i) => {
      option.ariaSelected = String(i === n);
      if (i === n) {
        text.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    });
  }

  private take(text: HTMLTextAreaElement, name: string): void {
    const at = text.selectionStart;
    text.setRangeText(`${name} `, at - (this.begun(text)?.length ?? 0), at, "end");
    this.close(text);
    text.focus();
  }

  private close(text: HTMLTextAreaElement): void {
    this.list?.remove();
    this.list = null;
    text.removeAttribute("aria-activedescendant");
    text.removeAttribute("aria-controls");
  }
}

const nameOf = (option: Element | undefined): string => option?.getAttribute("data-name") ?? "";

export function startMentions(): void {
  customElements.define("ui-mention", Mention);
}
