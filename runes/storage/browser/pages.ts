/**
 * A long list in pieces: each piece is a tbody that is empty, but as high as its rows, until it comes near the window.
 * The list has its full length from the start, and the page never holds more than a few hundred rows.
 */
const KEEP = 6;

export class Pages {
  private readonly watcher: IntersectionObserver;
  private readonly resized: ResizeObserver;
  private readonly bodies: HTMLTableSectionElement[] = [];
  private readonly near = new Set<number>();
  private readonly coming = new Map<number, Promise<void>>();
  private row = 52;

  constructor(
    private readonly table: HTMLTableElement,
    private readonly total: number,
    private readonly size: number,
    private readonly fetchPage: (page: number) => Promise<HTMLTableSectionElement | null>,
    private readonly arrived: () => void,
  ) {
    this.watcher = new IntersectionObserver((seen) => this.look(seen), { rootMargin: "1400px 0px" });
    this.resized = new ResizeObserver(() => this.measure());
    this.build();
  }

  stop(): void {
    this.watcher.disconnect();
    this.resized.disconnect();
  }

  /** has makes sure that the piece with the row of that number is there. */
  async has(row: number): Promise<void> {
    await this.load(Math.floor(row / this.size));
  }

  private build(): void {
    const first = this.table.tBodies[0];
    if (!first) return;
    const given = Number(first.dataset.page ?? 0);
    const count = Math.ceil(this.total / this.size);
    for (let page = 0; page < count; page++) {
      const body = page === given ? first : this.empty(page);
      this.bodies.push(body);
      if (page < given) this.table.insertBefore(body, first);
      else if (page > given) this.table.append(body);
      this.watcher.observe(body);
    }
    this.resized.observe(this.table);
    this.measure();
  }

  private empty(page: number): HTMLTableSectionElement {
    const body = document.createElement("tbody");
    body.setAttribute("role", "rowgroup");
    body.dataset.page = String(page);
    body.append(this.gap());
    return body;
  }

  private gap(): HTMLTableRowElement {
    const row = document.createElement("tr");
    row.className = "storage-gap";
    row.setAttribute("role", "presentation");
    const cell = row.insertCell();
    cell.setAttribute("role", "presentation");
    cell.colSpan = 4;
    return row;
  }

  /** measure gives the gaps the height of the rows they stand for. */
  private measure(): void {
    const entry = this.table.querySelector<HTMLElement>(".storage-entry");
    const body = entry?.parentElement;
    if (!entry || !body) return;
    const style = getComputedStyle(body);
    const grid = style.display === "grid";
    const columns = grid ? style.gridTemplateColumns.split(" ").length : 1;
    const between = grid ? parseFloat(style.rowGap) || 0 : 0;
    this.row = entry.offsetHeight;
    this.bodies.forEach((one, page) => {
      const cell = one.querySelector<HTMLElement>(".storage-gap td");
      if (!cell) return;
      const rows = Math.ceil(Math.min(this.size, this.total - page * this.size) / columns);
      cell.style.height = `${rows * (this.row + between) - between}px`;
    });
  }

  private look(seen: IntersectionObserverEntry[]): void {
    for (const one of seen) {
      const page = this.bodies.indexOf(one.target as HTMLTableSectionElement);
      if (page < 0) continue;
      if (one.isIntersecting) this.near.add(page);
      else this.near.delete(page);
    }
    for (const page of this.near) void this.load(page);
    this.letGo();
  }

  private load(page: number): Promise<void> {
    const body = this.bodies[page];
    if (!body?.querySelector(".storage-gap")) return Promise.resolve();
    let load = this.coming.get(page);
    if (!load) {
      load = this.fetchPage(page)
        .then((fresh) => {
          if (!fresh) return;
          body.replaceChildren(...fresh.rows);
          this.measure();
          this.arrived();
        })
        .finally(() => this.coming.delete(page));
      this.coming.set(page, load);
    }
    return load;
  }

  /** letGo empties pieces far away from the window, except the one with the focus. */
  private letGo(): void {
    const full = this.bodies.filter((body) => !body.querySelector(".storage-gap"));
    if (full.length <= KEEP) return;
    for (const body of full) {
      const page = this.bodies.indexOf(body);
      if (this.near.has(page) || body.contains(document.activeElement)) continue;
      body.replaceChildren(this.gap());
    }
    this.measure();
  }
}
