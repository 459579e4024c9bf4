import { find, findAll, write } from "runes";
import { fit, inside, moved, type Cut } from "./crop/cut.ts";

/** A square of a picture is chosen by dragging it, with two fingers, the wheel, the arrow keys or the slider. The form's three fields say which. */
class Crop extends HTMLElement {
  #picture: ImageBitmap | null = null;
  #fingers = new Map<number, { x: number; y: number }>();

  connectedCallback(): void {
    const canvas = find(this, "canvas", HTMLCanvasElement);
    const file = find(this, "input[type=file]", HTMLInputElement);
    if (!canvas || !file) return;
    for (const part of findAll(this, "[data-plain], [data-zoom]", HTMLElement)) part.hidden = true;
    file.addEventListener("change", () => void this.#open(canvas, file.files?.[0]));
    find(this, "[name=zoom]", HTMLInputElement)?.addEventListener("input", () => this.#go(canvas, this.#cut));
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, (event) => this.#fingers.delete(event.pointerId));
    canvas.addEventListener("pointermove", (event) => this.#drag(canvas, event));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.#nearer(canvas, event.deltaY < 0 ? 1.06 : 1 / 1.06);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(canvas, event));
    // Some browsers keep the file of a form that is shown again.
    if (file.files?.[0]) void this.#open(canvas, file.files[0]);
  }

  disconnectedCallback(): void {
    this.#picture?.close();
    this.#picture = null;
  }

  get #cut(): Cut {
    const value = (name: string): number => Number(find(this, `[name=${name}]`, HTMLInputElement)?.value);
    return { x: value("x"), y: value("y"), zoom: value("zoom") / 100 };
  }

  async #open(canvas: HTMLCanvasElement, file: File | undefined): Promise<void> {
    if (!file) return;
    const picture = await createImageBitmap(file).catch(() => null);
    const problem = find(this, "[data-problem]", HTMLElement);
    write(this, "[data-problem] span", this.dataset.broken ?? "");
    if (problem) problem.hidden = picture !== null;
    if (!picture) return;
    this.#picture?.close();
    this.#picture = picture;
    for (const part of findAll(this, "[data-now]", HTMLElement)) part.hidden = true;
    for (const part of findAll(this, "canvas, #crop-keys, [data-zoom]", HTMLElement)) part.hidden = false;
    this.#go(canvas, { x: 50, y: 50, zoom: 1 });
    canvas.focus();
  }

  #drag(canvas: HTMLCanvasElement, event: PointerEvent): void {
    const from = this.#fingers.get(event.pointerId);
    if (!from) return;
    const to = { x: event.clientX, y: event.clientY };
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, to);
    if (other) return this.#nearer(canvas, Math.hypot(to.x - other.x, to.y - other.y) / Math.max(1, Math.hypot(from.x - other.x, from.y - other.y)));
    this.#move(canvas, (from.x - to.x) / canvas.clientWidth, (from.y - to.y) / canvas.clientHeight);
  }

  #key(canvas: HTMLCanvasElement, event: KeyboardEvent): void {
    const by = event.shiftKey ? 0.1 : 0.02;
    const steps: Record<string, [number, number]> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    const step = steps[event.key];
    const nearer: number | undefined = { "+": 1.06, "=": 1.06, "-": 1 / 1.06 }[event.key];
    if (!step && !nearer) return;
    event.preventDefault();
    if (step) this.#move(canvas, ...step);
    if (nearer) this.#nearer(canvas, nearer);
  }

  /** Moves the square by a part of its own side. */
  #move(canvas: HTMLCanvasElement, right: number, down: number): void {
    if (this.#picture) this.#go(canvas, moved(this.#cut, this.#picture, right, down));
  }

  #nearer(canvas: HTMLCanvasElement, times: number): void {
    this.#go(canvas, { ...this.#cut, zoom: this.#cut.zoom * times });
  }

  #go(canvas: HTMLCanvasElement, to: Cut): void {
    const picture = this.#picture;
    if (!picture) return;
    const most = Number(find(this, "[name=zoom]", HTMLInputElement)?.max) / 100;
    const cut = inside({ ...to, zoom: Math.min(most, Math.max(1, to.zoom)) }, picture);
    for (const [name, value] of [["x", cut.x], ["y", cut.y], ["zoom", 100 * cut.zoom]] as const) {
      const input = find(this, `[name=${name}]`, HTMLInputElement);
      if (input) input.value = String(value);
    }
    const { left, top, side } = fit(cut, picture);
    const paper = canvas.getContext("2d");
    paper?.clearRect(0, 0, canvas.width, canvas.height);
    paper?.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  }
}

customElements.define("ui-crop", Crop);
