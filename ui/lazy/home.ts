import { csrf, find, findAll, send, within, write } from "runes";

/** The cards of Home in their order: dragged by the grip, moved by buttons, kept after each change. */
class Arrange extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", (event) => this.#press(event));
    this.addEventListener("change", () => this.#keep());
    this.addEventListener("pointerdown", (event) => this.#lift(event));
  }

  get #rows(): HTMLLIElement[] {
    return findAll(this, "li", HTMLLIElement);
  }

  /** The buttons work without script, too; here the focus stays on them. */
  #press(event: Event): void {
    const button = within(event, 'button[name="move"]', HTMLButtonElement);
    const row = button?.closest("li");
    if (!button || !row) return;
    event.preventDefault();
    const isUp = button.value.endsWith(":up");
    if (isUp) row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    this.#settle(row);
    const other = find(row, `button[value$="${isUp ? ":down" : ":up"}"]`, HTMLButtonElement);
    (button.disabled ? other : button)?.focus();
  }

  #lift(event: PointerEvent): void {
    const grip = within(event, ".grip", HTMLElement);
    const row = grip?.closest("li");
    if (!grip || !row || event.button !== 0) return;
    event.preventDefault();
    const before = this.#order();
    grip.setPointerCapture(event.pointerId);
    row.classList.add("lifted");
    const move = (e: PointerEvent): void => {
      const over = this.#rows.find((other) => {
        const box = other.getBoundingClientRect();
        return other !== row && e.clientY > box.top && e.clientY < box.bottom;
      });
      if (!over) return;
      if (over.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING) over.before(row);
      else over.after(row);
    };
    const drop = (): void => {
      grip.removeEventListener("pointermove", move);
      row.classList.remove("lifted");
      if (this.#order() !== before) this.#settle(row);
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("lostpointercapture", drop, { once: true });
  }

  #order(): string {
    return findAll(this, 'input[name="order"]', HTMLInputElement).map((input) => input.value).join(" ");
  }

  #settle(row: HTMLElement): void {
    const rows = this.#rows;
    for (const [n, one] of rows.entries()) {
      for (const [way, isEnd] of [["up", n === 0], ["down", n === rows.length - 1]] as const) {
        const button = find(one, `button[value$=":${way}"]`, HTMLButtonElement);
        if (button) button.disabled = isEnd;
      }
    }
    const place = rows.findIndex((one) => one === row) + 1;
    write(this, "[data-said]", (this.dataset.moved ?? "").replace("{name}", row.dataset.name ?? "").replace("{place}", String(place)));
    this.#keep();
  }

  #keep(): void {
    const body = new URLSearchParams({ csrf: csrf() });
    for (const row of this.#rows) {
      const id = find(row, 'input[name="order"]', HTMLInputElement)?.value ?? "";
      body.append("order", id);
      if (find(row, 'input[name="show"]', HTMLInputElement)?.checked) body.append("show", id);
    }
    const reset = find(document, "[data-own]", HTMLElement);
    void send("/home", { method: "POST", body }).then(() => { if (reset) reset.hidden = false; }, () => undefined); // send has shown the failure
  }
}

if (!customElements.get("ui-arrange")) customElements.define("ui-arrange", Arrange);
