import { find } from "../../core/dom.ts";

/** Shows and hides a password. The button is there only with script, because without it it could do nothing. */
class Reveal extends HTMLElement {
  connectedCallback(): void {
    const input = find(this, "input", HTMLInputElement);
    const button = find(this, "button", HTMLButtonElement);
    if (!input || !button) return;
    button.hidden = false;
    button.onclick = () => {
      const isShown = input.type === "text";
      input.type = isShown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!isShown));
      input.focus();
    };
    input.form?.addEventListener("submit", () => { input.type = "password"; });
  }
}

export function startReveal(): void {
  customElements.define("ui-reveal", Reveal);
}
