import { find, findAll } from "../../core/dom.ts";

/** Keeps a menu inside the window and lets arrows, Home, End and first letters move in it. */
class Menu extends HTMLElement {
  #opener: HTMLElement | null = null;

  connectedCallback(): void {
    this.addEventListener("toggle", (event) => {
      if (!(event instanceof ToggleEvent)) return;
      if (event.newState === "open") this.#opened();
      else delete this.dataset.placed;
    });
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("[role=menuitem]")) this.hidePopover();
    });
  }

  get #entries(): HTMLElement[] {
    return findAll(this, "a[href], button:not([disabled])", HTMLElement).filter((e) => e.checkVisibility());
  }

  #opened(): void {
    const opener = document.activeElement;
    this.#opener = opener instanceof HTMLElement && opener !== document.body ? opener : null;
    if (!this.classList.contains("menu-create") && !this.classList.contains("menu-account")) this.#placeUnder();
    // A panel of settings takes the focus itself: none of its choices is the likely one.
    const first = this.role === "menu" ? this.#entries[0] : this;
    if (first === this) this.tabIndex = -1;
    first?.focus({ preventScroll: true });
  }

  /** Under its button, unless a script has said where (openMenuAt). Phones show a sheet, which CSS places. */
  #placeUnder(): void {
    if (this.dataset.placed || isSmall()) return;
    const button = find(document, `[popovertarget="${this.id}"][aria-expanded="true"]`, HTMLElement) ?? this.#opener;
    const box = button?.getBoundingClientRect();
    if (box) place(this, box.right - this.offsetWidth, box.bottom + 6);
  }

  #key(event: KeyboardEvent): void {
    const entries = this.#entries;
    const active = document.activeElement;
    const at = entries.findIndex((e) => e === active);
    const step: Record<string, number> = { ArrowDown: at + 1, ArrowUp: Math.max(at, 0) - 1 + entries.length, Home: 0, End: entries.length - 1 };
    const next = step[event.key] ?? this.#byLetter(event, entries, at);
    if (next === undefined || entries.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    entries[next % entries.length]?.focus();
  }

  #byLetter(event: KeyboardEvent, entries: HTMLElement[], at: number): number | undefined {
    if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const order = entries.map((_, n) => (at + 1 + n) % entries.length);
    return order.find((n) => entries[n]?.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()));
  }
}

function isSmall(): boolean {
  return window.matchMedia("(max-width:900px)").matches;
}

function place(menu: HTMLElement, left: number, top: number): void {
  const edge = 8;
  menu.style.left = `${Math.max(edge, Math.min(left, window.innerWidth - menu.offsetWidth - edge))}px`;
  menu.style.top = `${Math.max(edge, Math.min(top, window.innerHeight - menu.offsetHeight - edge))}px`;
}

/** Opens a menu at the pointer, or at an element for the keyboard: a context menu. */
export function openMenuAt(menu: HTMLElement, x: number, y: number): void {
  menu.dataset.placed = "1";
  menu.showPopover();
  if (isSmall()) menu.removeAttribute("style");
  else place(menu, x, y);
}

export function startMenus(): void {
  customElements.define("ui-menu", Menu);
}
