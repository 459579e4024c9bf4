import { find } from "runes";

/** The banner: a click is the point that stays in view. The two fields beside it say the same to the keyboard. */
export class Focus extends HTMLElement {
  connectedCallback(): void {
    const form = this.closest("form");
    const [x, y] = ["focus_x", "focus_y"].map((name) => (form ? find(form, `[name=${name}]`, HTMLInputElement) : null));
    if (!form || !x || !y) return;
    const draw = (): void => {
      this.style.setProperty("--x", `${x.value}%`);
      this.style.setProperty("--y", `${y.value}%`);
    };
    for (const input of [x, y]) input.addEventListener("input", draw);
    this.addEventListener("click", (event) => {
      const box = this.getBoundingClientRect();
      x.value = String(Math.round(100 * (event.clientX - box.left) / box.width));
      y.value = String(Math.round(100 * (event.clientY - box.top) / box.height));
      y.dispatchEvent(new Event("input", { bubbles: true }));
      draw();
    });
    draw();
  }
}
