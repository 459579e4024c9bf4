/** What is chosen in a list: single things, ranges, and the one that ranges start from. Knows no page. */
export class Selection {
  readonly ids = new Set<string>();
  anchor = "";

  get size(): number {
    return this.ids.size;
  }

  only(id: string): void {
    this.ids.clear();
    this.ids.add(id);
    this.anchor = id;
  }

  toggle(id: string): void {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.anchor = id;
  }

  /** extend chooses everything from the anchor to id, in this order, and nothing else. */
  extend(id: string, order: string[]): void {
    const from = order.indexOf(this.anchor);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) {
      this.only(id);
      return;
    }
    this.ids.clear();
    for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(one);
  }

  all(order: string[]): void {
    for (const id of order) this.ids.add(id);
  }

  clear(): void {
    this.ids.clear();
    this.anchor = "";
  }
}
