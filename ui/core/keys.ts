import { visit } from "@hotwired/turbo";
import { find, findAll, isTyping, write } from "./dom.ts";
import { openPalette } from "./palette.ts";
import { csrf, send } from "./send.ts";

/** G, then one of these, goes to a place, if the sidebar has it. */
const places: Readonly<Record<string, string>> = {
  h: "/", n: "/notifications", c: "/contacts", t: "/todo", f: "/storage", b: "/workflow",
};
const patience = 1200;

let going = 0;

/** The key sheet: only keys that do something on this page. */
class KeySheet extends HTMLElement {
  connectedCallback(): void {
    const letters = find(this, "[data-letters]", HTMLInputElement);
    if (!letters) return;
    letters.checked = lettersOn();
    letters.addEventListener("change", () => setLetters(letters.checked));
  }

  open(): void {
    const dialog = find(this, "dialog", HTMLDialogElement);
    if (!dialog || dialog.open) return;
    this.#fill();
    dialog.showModal();
  }

  #fill(): void {
    for (const row of findAll(this, "[data-needs]", HTMLElement)) {
      const need = row.dataset.needs;
      row.hidden = !(need === "create" ? createMenu() : need === "star" ? star() : searchField());
    }
    const model = find(this, "[data-place]", HTMLElement);
    for (const old of findAll(this, ".placed", HTMLElement)) old.remove();
    for (const [key, href] of Object.entries(places).reverse()) {
      const link = linkTo(href);
      const row = model?.cloneNode(true);
      if (!link || !model || !(row instanceof HTMLElement)) continue;
      row.hidden = false;
      row.className = "placed";
      write(row, "dt", (model.dataset.place ?? "").replace("{place}", link.textContent?.trim() ?? ""));
      write(row, "kbd:last-child", key.toUpperCase());
      model.after(row);
    }
  }
}

function lettersOn(): boolean {
  return document.documentElement.dataset.letters !== "off";
}

/** At once on this page, and kept in the profile for all devices. */
function setLetters(isOn: boolean): void {
  const letters = isOn ? "on" : "off";
  document.documentElement.dataset.letters = document.body.dataset.letters = letters;
  void send("/preferences/letters", { method: "POST", body: new URLSearchParams({ letters, csrf: csrf() }), outlives: true }).catch(() => undefined); // send has shown the failure
}

function linkTo(href: string): HTMLElement | null {
  return find(document, `.nav a[href="${href}"] .truncate`, HTMLElement);
}

function searchField(): HTMLInputElement | null {
  return find(document, "[data-search]", HTMLInputElement);
}

function createMenu(): HTMLElement | null {
  return document.getElementById("create-menu");
}

function star(): HTMLElement | null {
  return find(document, "[data-star]", HTMLElement);
}

export function openKeys(): void {
  find(document, "ui-keys", KeySheet)?.open();
}

function letter(event: KeyboardEvent): void {
  const key = event.key.toLowerCase();
  const href = places[key];
  if (Date.now() - going < patience && href !== undefined && linkTo(href)) {
    going = 0;
    event.preventDefault();
    visit(href);
    return;
  }
  going = key === "g" ? Date.now() : 0;
  if (event.key === "?") openKeys();
  else if (key === "c") createMenu()?.showPopover();
  else if (key === "s" && star()) star()?.click();
  else if (event.key === "/" && searchField()) searchField()?.focus();
  else return;
  event.preventDefault();
}

export function startKeys(): void {
  customElements.define("ui-keys", KeySheet);
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-keys]")) {
      for (const menu of findAll(document, "[popover]:popover-open", HTMLElement)) menu.hidePopover();
      openKeys();
    }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (openPalette()) event.preventDefault();
      return;
    }
    const isBusy = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target);
    if (isBusy || document.querySelector("dialog[open]") || !lettersOn()) return;
    letter(event);
  });
}
