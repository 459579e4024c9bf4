import { copyOf, find, findAll, send } from "runes";

type HSV = { h: number; s: number; v: number };

/** A colour is chosen on a plane and a hue, typed as hex or taken from the palette. What can be read on it is said along. */
export class Colour extends HTMLElement {
  #at: HSV = { h: 0, s: 0, v: 0 };
  #panel: HTMLElement | null = null;
  #wait = 0;
  #stop = new AbortController();

  connectedCallback(): void {
    const well = find(this, "button", HTMLButtonElement);
    if (!well) return;
    this.#input?.addEventListener("input", () => this.#read());
    well.addEventListener("click", () => this.#open(well));
    this.#read();
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.#wait);
    this.#stop.abort();
    this.#panel?.remove();
    this.#panel = null;
  }

  get #input(): HTMLInputElement | null { return find(this, "input", HTMLInputElement); }

  get #hex(): string {
    const typed = this.#input?.value ?? "";
    return /^#[0-9a-f]{6}$/.test(typed) ? typed : this.dataset.shown ?? "#000000";
  }

  /** What the field says goes to the well and, unless it came from there, to the plane. */
  #read(): void {
    const hex = this.#hex;
    find(this, "button", HTMLButtonElement)?.style.setProperty("--picked", hex);
    if (hexOf(this.#at) !== hex) this.#at = hsvOf(hex, this.#at.h);
    this.#draw();
  }

  #open(well: HTMLElement): void {
    const panel = copyOf(document.querySelector("template[data-colour-panel]"));
    if (!panel) return;
    this.#panel?.remove();
    this.#panel = panel;
    this.append(panel);
    this.#fill(panel);
    panel.showPopover();
    const from = well.getBoundingClientRect();
    panel.style.left = `${Math.max(8, Math.min(from.left, innerWidth - panel.offsetWidth - 8))}px`;
    const below = from.bottom + 8 + panel.offsetHeight < innerHeight;
    panel.style.top = `${Math.max(8, below ? from.bottom + 8 : from.top - 8 - panel.offsetHeight)}px`;
    well.setAttribute("aria-expanded", "true");
    panel.addEventListener("toggle", (event) => {
      if (!(event instanceof ToggleEvent) || event.newState !== "closed") return;
      well.setAttribute("aria-expanded", "false");
      panel.remove();
      if (this.#panel === panel) this.#panel = null;
    });
    this.#draw();
    find(panel, "[data-plane]", HTMLElement)?.focus();
  }

  #fill(panel: HTMLElement): void {
    const plane = find(panel, "[data-plane]", HTMLElement);
    const hue = find(panel, "[data-hue-of]", HTMLInputElement);
    plane?.addEventListener("keydown", (event) => this.#step(event));
    plane?.addEventListener("pointerdown", (event) => {
      plane.setPointerCapture(event.pointerId);
      this.#point(plane, event);
    });
    plane?.addEventListener("pointermove", (event) => { if (plane.hasPointerCapture(event.pointerId)) this.#point(plane, event); });
    hue?.addEventListener("input", (event) => {
      event.stopPropagation();
      this.#go({ ...this.#at, h: Number(hue.value) });
    });
    const swatches = find(panel, "[data-swatches]", HTMLElement);
    const model = find(panel, "template", HTMLTemplateElement);
    const known = new Set([...document.querySelectorAll("brand-colour input:not([type=range])")].map((i) => (i instanceof HTMLInputElement ? i.value : "")));
    for (const hex of [...known].filter((value) => /^#[0-9a-f]{6}$/.test(value))) {
      const swatch = copyOf(model);
      if (!swatch) continue;
      swatch.style.setProperty("--picked", hex);
      swatch.setAttribute("aria-label", hex);
      swatch.addEventListener("click", () => this.#go(hsvOf(hex, this.#at.h)));
      swatches?.append(swatch);
    }
  }

  #step(event: KeyboardEvent): void {
    const by = event.shiftKey ? 0.1 : 0.01;
    const { h, s, v } = this.#at;
    const to: Record<string, HSV> = {
      ArrowLeft: { h, s: s - by, v }, ArrowRight: { h, s: s + by, v }, ArrowUp: { h, s, v: v + by }, ArrowDown: { h, s, v: v - by },
      Home: { h, s: 0, v }, End: { h, s: 1, v }, PageUp: { h, s, v: v + 0.1 }, PageDown: { h, s, v: v - 0.1 },
    };
    const next = to[event.key];
    if (!next) return;
    event.preventDefault();
    this.#go(next);
  }

  #point(plane: HTMLElement, event: PointerEvent): void {
    const box = plane.getBoundingClientRect();
    this.#go({ h: this.#at.h, s: (event.clientX - box.left) / box.width, v: 1 - (event.clientY - box.top) / box.height });
  }

  #go(to: HSV): void {
    const input = this.#input;
    if (!input) return;
    this.#at = { h: to.h, s: Math.min(1, Math.max(0, to.s)), v: Math.min(1, Math.max(0, to.v)) };
    input.value = hexOf(this.#at);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #draw(): void {
    const panel = this.#panel;
    if (!panel) return;
    const { h, s, v } = this.#at;
    const plane = find(panel, "[data-plane]", HTMLElement);
    panel.style.setProperty("--hue", `hsl(${h} 100% 50%)`);
    panel.style.setProperty("--x", `${s * 100}%`);
    panel.style.setProperty("--y", `${(1 - v) * 100}%`);
    plane?.setAttribute("aria-valuenow", String(Math.round(s * 100)));
    plane?.setAttribute("aria-valuetext", (plane.dataset.said ?? "").replace("{s}", String(Math.round(s * 100))).replace("{v}", String(Math.round(v * 100))));
    const hue = find(panel, "[data-hue-of]", HTMLInputElement);
    if (hue) hue.value = String(Math.round(h));
    for (const place of findAll(panel, "[data-hex]", HTMLElement)) place.textContent = this.#hex;
    window.clearTimeout(this.#wait);
    this.#wait = window.setTimeout(() => void this.#pair(panel), 120);
  }

  /** The pair that the pages would make of the colour, worked out by the server. */
  async #pair(panel: HTMLElement): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    try {
      const answer = await send(`/brand/settings/pair?colour=${encodeURIComponent(this.#hex)}`, { signal: this.#stop.signal });
      const { fill, text, said }: { fill: string; text: string; said: string } = await answer.json();
      const sample = find(panel, "[data-sample]", HTMLElement);
      sample?.style.setProperty("background", fill);
      sample?.style.setProperty("color", text);
      const note = find(panel, "[data-ratio]", HTMLElement);
      if (note) note.textContent = said;
    } catch {
      // send() has told, or a newer question is on its way.
    }
  }
}

export function hsvOf(hex: string, grey: number): HSV {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((n) => parseInt(hex.slice(n, n + 2), 16) / 255);
  const most = Math.max(r, g, b);
  const span = most - Math.min(r, g, b);
  let h = grey; // of a grey: the hue that was there
  if (span > 0) h = most === r ? ((g - b) / span + 6) % 6 * 60 : most === g ? ((b - r) / span + 2) * 60 : ((r - g) / span + 4) * 60;
  return { h, s: most === 0 ? 0 : span / most, v: most };
}

export function hexOf({ h, s, v }: HSV): string {
  const part = (n: number): string => {
    const k = (n + h / 60) % 6;
    return Math.round(255 * (v - v * s * Math.max(0, Math.min(k, 4 - k, 1)))).toString(16).padStart(2, "0");
  };
  return `#${part(5)}${part(3)}${part(1)}`;
}
