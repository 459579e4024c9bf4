import { find, findAll, send } from "runes";

const screens = { desktop: [1280, 800], phone: [390, 780] } as const;
type Screen = keyof typeof screens;

/** The Login Designer: the preview follows the form, drawn by the server as the real page is. */
export class LoginDesigner extends HTMLElement {
  #stop = new AbortController();
  #sizes: ResizeObserver | null = null;
  #wait = 0;
  #asked = 0;
  #screen: Screen = "desktop";

  connectedCallback(): void {
    const form = find(this, "form", HTMLFormElement);
    if (!form) return;
    form.addEventListener("input", () => this.#changed(form));
    this.#showFields(form);
    for (const button of findAll(this, "[data-screen]", HTMLButtonElement)) {
      button.addEventListener("click", () => this.#show(button.dataset.screen === "phone" ? "phone" : "desktop"));
    }
    const stage = find(this, ".brand-stage", HTMLElement);
    if (stage) {
      this.#sizes = new ResizeObserver(() => this.#fit());
      this.#sizes.observe(stage);
    }
    this.#show("desktop");
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.#wait);
    this.#stop.abort();
    this.#sizes?.disconnect();
  }

  #changed(form: HTMLFormElement): void {
    this.#showFields(form);
    window.clearTimeout(this.#wait);
    this.#wait = window.setTimeout(() => void this.#draw(form), 200);
  }

  /** Only the fields of the chosen background are there. */
  #showFields(form: HTMLFormElement): void {
    const chosen = find(form, "[name=backdrop]", HTMLSelectElement)?.value ?? "";
    for (const part of findAll(form, "[data-for]", HTMLElement)) {
      part.hidden = !(part.dataset.for ?? "").split(" ").includes(chosen);
    }
  }

  async #draw(form: HTMLFormElement): Promise<void> {
    const mine = ++this.#asked;
    this.#stop.abort();
    this.#stop = new AbortController();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    try {
      const answer = await send(this.dataset.preview ?? "", { method: "POST", body: fields, signal: this.#stop.signal });
      const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      if (mine === this.#asked) find(this, "[data-face]", HTMLElement)?.replaceChildren(...drawn.childNodes);
    } catch {
      // send() has told; a newer drawing is on its way, or the next change tries again.
    }
  }

  #show(screen: Screen): void {
    this.#screen = screen;
    for (const button of findAll(this, "[data-screen]", HTMLButtonElement)) {
      button.setAttribute("aria-pressed", String(button.dataset.screen === screen));
    }
    this.#fit();
  }

  /** The page is drawn at its real size and made as small as the stage. */
  #fit(): void {
    const stage = find(this, ".brand-stage", HTMLElement);
    const page = find(this, ".brand-screen", HTMLElement);
    if (!stage || !page || stage.clientWidth === 0) return;
    const [width, height] = screens[this.#screen];
    const scale = Math.min(stage.clientWidth / width, (this.#screen === "phone" ? 560 : 900) / height);
    page.classList.toggle("phone", this.#screen === "phone");
    page.style.width = `${width}px`;
    page.style.height = `${height}px`;
    page.style.transform = `scale(${scale})`;
    page.style.marginInlineStart = `${Math.max(0, (stage.clientWidth - width * scale) / 2)}px`;
    stage.style.height = `${height * scale}px`;
  }
}
