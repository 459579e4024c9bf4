import { morphElements, visit } from "@hotwired/turbo";
import { find, findAll, isTyping, within } from "../../core/dom.ts";
import { onLive } from "../../core/live.ts";
import { openQuestion } from "../record_form/part.ts";

/** A page of records: it follows what others change, and lets rows be chosen and opened. */
class Records extends HTMLElement {
  #timer = 0;
  #search = 0;
  #stop = new AbortController();

  connectedCallback(): void {
    this.#stop = new AbortController();
    const signal = this.#stop.signal;
    shown.add(this);
    this.addEventListener("change", (event) => this.#chose(event.target), { signal });
    this.addEventListener("click", (event) => this.#pressed(event), { signal });
    this.addEventListener("submit", (event) => this.#asks(event), { signal });
    this.addEventListener("input", (event) => this.#typed(event.target), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#count();
    this.#follow();
    const sizes = new ResizeObserver(() => this.#fit());
    sizes.observe(this);
    signal.addEventListener("abort", () => sizes.disconnect());
  }

  /** What is at work is looked at now and then, too: its news may have come before this page was open. */
  #follow(): void {
    if (find(this, "[data-follow]", HTMLElement)) this.#soon(1500);
  }

  disconnectedCallback(): void {
    shown.delete(this);
    this.#stop.abort();
    window.clearTimeout(this.#timer);
    window.clearTimeout(this.#search);
  }

  /** Whether news about that record concerns this page: watch lists kinds, or kind:id for one record. */
  heard(kind: string, id: string): void {
    const watched = (this.getAttribute("watch") ?? "").split(" ");
    if (!watched.some((w) => w === kind || (w === `${kind}:${id}`) || (id === "" && w.startsWith(`${kind}:`)))) return;
    this.#soon(120);
  }

  #soon(wait: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => isActing() ? this.#soon(400) : void this.#refresh(), wait);
  }

  /** Reads the page anew and changes only what differs; what is chosen stays chosen. */
  async #refresh(): Promise<void> {
    const response = await fetch(location.href, { headers: { Accept: "text/html", "Turbo-Frame": "record" }, credentials: "same-origin" });
    // Meanwhile somebody may have pressed what leads on: removed a record, and the news of that came first.
    if (isActing()) return this.#soon(400);
    if (response.redirected || !response.ok) {
      visit(location.href, { action: "replace" });
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const chosen = new Set(findAll(this, 'tbody input[name="id"]:checked', HTMLInputElement).map((box) => box.value));
    for (const old of findAll(this, "[data-live]", HTMLElement)) {
      const fresh = find(page, `[data-live="${old.dataset.live}"]`, HTMLElement);
      if (fresh) morphElements(old, fresh);
    }
    for (const box of findAll(this, 'tbody input[name="id"]', HTMLInputElement)) box.checked = chosen.has(box.value);
    this.#count();
    this.#follow();
  }

  #chose(target: EventTarget | null): void {
    if (target instanceof HTMLInputElement && target.dataset.all !== undefined) {
      for (const box of findAll(this, 'tbody input[name="id"]', HTMLInputElement)) box.checked = target.checked;
    }
    this.#count();
  }

  #count(): void {
    const boxes = findAll(this, 'tbody input[name="id"]', HTMLInputElement);
    const chosen = boxes.filter((box) => box.checked).length;
    const all = find(this, "[data-all]", HTMLInputElement);
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    const count = find(this, ".record-bulk [data-count]", HTMLElement);
    if (count) count.textContent = String(chosen);
    for (const button of findAll(this, ".record-bulk [data-needs]", HTMLButtonElement)) {
      button.disabled = chosen !== Number(button.dataset.needs);
      button.title = button.disabled ? button.nextElementSibling?.textContent ?? "" : "";
    }
    this.#fit();
  }

  /** A table as wide as its card scrolls with the page, under its head; a wider one scrolls for itself. */
  #fit(): void {
    const frame = find(this, ".record-scroll", HTMLElement);
    frame?.toggleAttribute("data-fits", (frame.firstElementChild?.scrollWidth ?? 0) <= frame.clientWidth);
  }

  /** A click on a row opens its record, wherever there is nothing else to click. */
  #pressed(event: MouseEvent): void {
    const row = within(event, "tr[data-row]", HTMLElement);
    if (!row || within(event, "a, button, input, label", HTMLElement)) return;
    if (within(event, ".record-pick", HTMLElement)) return find(row, "input", HTMLInputElement)?.click();
    if (window.getSelection()?.toString()) return;
    find(row, ".record-name a", HTMLAnchorElement)?.click();
  }

  #asks(event: SubmitEvent): void {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement) || button.dataset.recordAsk === undefined || !button.form) return;
    event.preventDefault();
    const ids = new FormData(button.form).getAll("id").map((id) => ["id", String(id)]);
    openQuestion(`${button.formAction}${button.formAction.includes("?") ? "&" : "?"}${new URLSearchParams(ids)}`);
  }

  #typed(target: EventTarget | null): void {
    if (!(target instanceof HTMLInputElement) || target.dataset.search === undefined) return;
    window.clearTimeout(this.#search);
    this.#search = window.setTimeout(() => void this.#find(target), 200);
  }

  /** Searching changes the address and the rows, and leaves the field alone. */
  async #find(field: HTMLInputElement): Promise<void> {
    if (!field.form) return;
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(field.form)) if (value !== "") asked.set(name, String(value));
    const query = asked.toString();
    history.replaceState(history.state, "", field.form.action + (query ? `?${query}` : ""));
    await this.#refresh();
  }

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const steps: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    const step = steps[event.key];
    const links = findAll(this, "tr[data-row] .record-name a", HTMLAnchorElement);
    const at = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
    if (step !== undefined && (at >= 0 || event.key === "j" || event.key === "k")) {
      event.preventDefault();
      links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
    } else if (event.key === "x" && at >= 0) {
      event.preventDefault();
      const row = links[at]?.closest("tr");
      if (row) find(row, 'input[name="id"]', HTMLInputElement)?.click();
    }
  }
}

const shown = new Set<Records>();

/** While a deed of this page is under way it hears of it itself, and the page it leads to is fresh anyway. */
function isActing(): boolean {
  return document.querySelector("form[aria-busy], turbo-frame[aria-busy], html[aria-busy], .record-dialog[data-led]") !== null;
}

export function startRecords(): void {
  customElements.define("ui-record", Records);
  onLive("record", (message) => {
    if (typeof message !== "object" || message === null || !("kind" in message) || typeof message.kind !== "string") return;
    const id = "id" in message && typeof message.id === "string" ? message.id : "";
    for (const one of shown) one.heard(message.kind, id);
  });
}
