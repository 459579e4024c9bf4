import { send } from "runes";
import { Pages } from "./pages.ts";
import { Selection } from "./selection.ts";

/** The things of one folder as they stand on the page: which are chosen, which one has the focus, and their order. */
export class List {
  readonly selection = new Selection();
  private pages: Pages | null = null;
  private order: Promise<string[]> | null = null;
  cursor = "";
  /** Whether things are being ticked: then each click adds or takes away. */
  ticking = false;

  constructor(private readonly root: HTMLElement, private readonly changed: () => void) {
    for (const entry of this.entries()) if (entry.ariaSelected === "true") this.selection.only(idOf(entry));
    this.start();
  }

  /** start takes over the rows that the server sent; again after they were renewed. */
  start(): void {
    this.pages?.stop();
    this.pages = null;
    this.order = null;
    const table = this.root.querySelector<HTMLTableElement>(".storage-table table");
    const total = Number(this.root.dataset.total);
    const size = Number(this.root.dataset.pageSize);
    if (table && total > size) {
      this.root.querySelector<HTMLElement>("[data-pager]")?.remove();
      this.pages = new Pages(table, total, size, (page) => this.fetchPage(page), () => this.show());
    }
    this.show();
  }

  stop(): void {
    this.pages?.stop();
  }

  entries(): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>(".storage-entry")];
  }

  entry(id: string): HTMLElement | null {
    return id ? this.root.querySelector<HTMLElement>(`.storage-entry[data-id="${CSS.escape(id)}"]`) : null;
  }

  current(): HTMLElement | null {
    return this.entry(this.cursor) ?? this.entries()[0] ?? null;
  }

  /** all is the id of everything in the folder, in the order of the page, also of rows that are not loaded. */
  all(): Promise<string[]> {
    if (!this.pages) return Promise.resolve(this.entries().map(idOf));
    this.order ??= send(`/storage/ids/${this.root.dataset.folder}?${this.root.dataset.query}`).then(async (answer): Promise<string[]> => answer.json());
    return this.order;
  }

  /** show brings ticks, marks and tab stops in line with what is chosen. */
  show(): void {
    const current = this.current();
    for (const entry of this.entries()) {
      const id = idOf(entry);
      const chosen = this.selection.ids.has(id);
      entry.ariaSelected = String(chosen);
      const tick = entry.querySelector<HTMLInputElement>(".storage-tick input");
      if (tick) {
        tick.checked = chosen;
        tick.tabIndex = -1;
      }
      const name = entry.querySelector<HTMLElement>(".name");
      if (name) name.tabIndex = entry === current ? 0 : -1;
      const more = entry.querySelector<HTMLElement>("[data-entry-menu]");
      if (more) more.tabIndex = -1;
    }
  }

  focus(entry: HTMLElement | null): void {
    if (!entry) return;
    this.cursor = idOf(entry);
    this.show();
    entry.querySelector<HTMLElement>(".name")?.focus({ preventScroll: true });
    entry.scrollIntoView({ block: "nearest" });
  }

  choose(id: string): void {
    this.ticking = false;
    this.selection.only(id);
    this.cursor = id;
    this.update();
  }

  toggle(id: string): void {
    this.ticking = true;
    this.selection.toggle(id);
    this.cursor = id;
    this.update();
  }

  async extend(id: string): Promise<void> {
    const shown = this.entries().map(idOf);
    if (!this.selection.anchor) this.selection.anchor = this.cursor || id;
    const order = shown.includes(this.selection.anchor) && !this.pages ? shown : await this.all();
    this.selection.extend(id, order);
    this.cursor = id;
    this.update();
  }

  async chooseAll(): Promise<void> {
    this.selection.all(await this.all());
    this.update();
  }

  clear(): void {
    this.selection.clear();
    this.update();
  }

  update(): void {
    if (this.selection.size === 0) this.ticking = false;
    this.show();
    this.changed();
  }

  /** step is the neighbour of the current entry as a person sees it: by rows and columns on the screen. */
  async step(key: "up" | "down" | "left" | "right" | "first" | "last"): Promise<HTMLElement | null> {
    const current = this.current();
    if (!current) return null;
    if (key === "first" || key === "last") return this.edge(key === "last");
    if (!this.entry(this.cursor)) return current;
    if (key === "left" || key === "right") {
      const entries = this.entries();
      const next = entries[entries.indexOf(current) + (key === "left" ? -1 : 1)];
      return next && sameRow(current, next) ? next : current;
    }
    const found = nearest(current, this.entries(), key);
    if (found || !this.pages) return found ?? current;
    const order = await this.all();
    const at = order.indexOf(idOf(current)) + (key === "down" ? 1 : -1);
    return (await this.reach(order[at] ?? "", order)) ?? current;
  }

  private async edge(last: boolean): Promise<HTMLElement | null> {
    const order = await this.all();
    return this.reach(order.at(last ? -1 : 0) ?? "", order);
  }

  private async reach(id: string, order: string[]): Promise<HTMLElement | null> {
    const cards = this.root.querySelectorAll(".storage-fold").length;
    const row = order.indexOf(id) - cards;
    if (row >= 0) await this.pages?.has(row);
    return this.entry(id);
  }

  private async fetchPage(page: number): Promise<HTMLTableSectionElement | null> {
    const address = `/storage/rows/${this.root.dataset.folder}?page=${page}&${this.root.dataset.query}`;
    const answer = await send(address, { headers: { Accept: "text/html" } });
    return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("tbody");
  }
}

export function idOf(entry: HTMLElement): string {
  return entry.dataset.id ?? "";
}

function sameRow(a: HTMLElement, b: HTMLElement): boolean {
  return Math.abs(a.getBoundingClientRect().top - b.getBoundingClientRect().top) < 8;
}

/** nearest is the entry in the closest row above or below, in the closest column. */
function nearest(from: HTMLElement, all: HTMLElement[], way: "up" | "down"): HTMLElement | null {
  const here = from.getBoundingClientRect();
  let best: HTMLElement | null = null;
  let bestRow = Infinity;
  let bestColumn = Infinity;
  for (const one of all) {
    if (one === from) continue;
    const there = one.getBoundingClientRect();
    const row = way === "down" ? there.top - here.top : here.top - there.top;
    if (row < 8 || row > bestRow + 8) continue;
    const column = Math.abs(there.left - here.left);
    if (row < bestRow - 8 || column < bestColumn) {
      best = one;
      bestRow = row;
      bestColumn = column;
    }
  }
  return best;
}
