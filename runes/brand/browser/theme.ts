import { find, findAll, send } from "runes";

type Colours = Record<string, string>;

/** System Settings: the preview wears the colours of the form, worked out by the server as for the real pages. */
export class ThemeSettings extends HTMLElement {
  #wait = 0;
  #stop = new AbortController();

  connectedCallback(): void {
    const form = find(this, "form", HTMLFormElement);
    if (!form) return;
    this.#wear(JSON.parse(this.dataset.vars ?? "{}"));
    form.addEventListener("input", (event) => {
      if (event.target instanceof HTMLInputElement) this.#name(event.target);
      this.#later(form);
    });
    const upload = find(this, "form[enctype]", HTMLFormElement);
    upload?.addEventListener("formdata", (event) => {
      // What is not saved yet goes along with the picture.
      for (const [name, value] of new FormData(form)) if (!event.formData.has(name)) event.formData.append(name, value);
    });
    find(this, "[data-better]", HTMLButtonElement)?.addEventListener("click", (event) => {
      const button = event.currentTarget;
      const input = find(form, "[name=primary]", HTMLInputElement);
      if (!input || !(button instanceof HTMLElement)) return;
      input.value = button.dataset.better ?? input.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    });
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.#wait);
    this.#stop.abort();
  }

  #name(changed: HTMLInputElement): void {
    if (changed.name === "name") {
      for (const place of findAll(this, "[data-company]", HTMLElement)) place.textContent = changed.value || changed.placeholder;
    }
  }

  #later(form: HTMLFormElement): void {
    window.clearTimeout(this.#wait);
    this.#wait = window.setTimeout(() => void this.#ask(form), 120);
  }

  async #ask(form: HTMLFormElement): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    try {
      const answer = await send(this.dataset.preview ?? "", { method: "POST", body: fields, signal: this.#stop.signal });
      this.#wear(await answer.json());
    } catch {
      // send() has told; a newer question is on its way, or the next change asks again.
    }
  }

  #wear(said: unknown): void {
    if (typeof said !== "object" || said === null) return;
    const vars: { light?: unknown; dark?: unknown; hint?: unknown; better?: unknown } = said;
    for (const half of findAll(this, "[data-half]", HTMLElement)) {
      for (const [name, hex] of Object.entries(colours(half.dataset.half === "dark" ? vars.dark : vars.light))) half.style.setProperty(`--${name}`, hex);
    }
    const hint = find(this, "[data-hint]", HTMLElement);
    if (hint && typeof vars.hint === "string") hint.textContent = vars.hint;
    const button = find(this, "[data-better]", HTMLButtonElement);
    if (button && typeof vars.better === "string") {
      button.dataset.better = vars.better;
      button.hidden = vars.better === "";
    }
  }
}

function colours(said: unknown): Colours {
  const found: Colours = {};
  if (typeof said === "object" && said !== null) for (const [name, hex] of Object.entries(said)) if (typeof hex === "string") found[name] = hex;
  return found;
}
