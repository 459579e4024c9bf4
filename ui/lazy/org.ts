import { copyOf, find, findAll, send, write } from "runes";

interface Said {
  problems: Record<string, string>;
  notes: Record<string, string>;
}

/** A form of the wizard that keeps what is typed and says at once what is wrong with it. Without it the buttons do the same. */
class Founding extends HTMLElement {
  #timer = 0;
  #asking: AbortController | undefined;

  connectedCallback(): void {
    const form = find(this, "form", HTMLFormElement);
    if (!form) return;
    if ("zone" in this.dataset) this.#guessZone(form);
    const soon = (): void => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => void this.#keep(form), 350);
    };
    form.addEventListener("input", (event) => {
      if (event.target instanceof HTMLInputElement) this.#tick(form, event.target);
      soon();
    });
    form.addEventListener("submit", () => this.#stop());
    // Who types fast was there before this script.
    if (findAll(form, "input.input[name]", HTMLInputElement).some((field) => field.value !== field.defaultValue)) soon();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  /** The browser knows which clock its person lives by. */
  #guessZone(form: HTMLFormElement): void {
    const select = find(form, 'select[name="zone"]', HTMLSelectElement);
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (select && [...select.options].some((o) => o.value === here)) select.value = here;
  }

  /** A package ticks its runes; a rune ticks what it needs, and one that is taken away takes along what needs it. */
  #tick(form: HTMLFormElement, changed: HTMLInputElement): void {
    const boxes = findAll(form, 'input[type="checkbox"][name="runes"]', HTMLInputElement);
    if (changed.name === "package" && changed.dataset.runes !== undefined) {
      const inside = changed.dataset.runes.split(" ");
      for (const box of boxes) if (!box.disabled) box.checked = inside.includes(box.value);
    }
    if (changed.name === "runes" && !changed.checked) {
      for (const box of boxes) if (needs(box).includes(changed.value) && !box.disabled) box.checked = false;
      const chosen = find(form, 'input[name="package"]:checked', HTMLInputElement);
      if (chosen?.dataset.runes?.split(" ").includes(changed.value)) {
        const none = find(form, 'input[name="package"][value="none"]', HTMLInputElement);
        if (none) none.checked = true;
      }
    }
    for (const _ of boxes) {
      for (const box of boxes) if (box.checked) for (const other of boxes) if (needs(box).includes(other.value)) other.checked = true;
    }
  }

  async #keep(form: HTMLFormElement): Promise<void> {
    this.#asking?.abort();
    this.#asking = new AbortController();
    const body = new FormData(form);
    body.set("keep", "1");
    try {
      const answer: unknown = await (await send(form.action, { method: "POST", body, quiet: true, signal: this.#asking.signal })).json();
      this.#show(form, answer as Said);
    } catch {
      // Nothing is lost: the button sends it all once more, and says what is wrong.
    }
  }

  #show(form: HTMLFormElement, said: Said): void {
    let news = "";
    for (const field of findAll(form, "input.input[name], textarea[name], select[name]", HTMLElement)) {
      const name = field.getAttribute("name") ?? "";
      const sentence = said.problems[name] ?? "";
      if (mark(field, sentence)) news = sentence;
    }
    const slug = said.notes.slug;
    if (slug) news = slug;
    if (said.notes.sum) write(this, "[data-sum]", (news = said.notes.sum));
    const place = find(document, "[data-org-said]", HTMLElement);
    if (place && place.textContent !== news) place.textContent = news;
    const help = find(form, "#f-slug-note.help", HTMLElement);
    if (help && slug) help.textContent = slug;
  }
}

function needs(box: HTMLInputElement): string[] {
  return (box.dataset.needs ?? "").split(" ").filter(Boolean);
}

/** Puts a sentence below a field, or takes it away; true when it is a new one. */
function mark(field: HTMLElement, sentence: string): boolean {
  const box = field.closest(".field");
  if (!box) return false;
  const old = find(box, ".err", HTMLElement);
  if ((old?.textContent ?? "").trim() === sentence) return false;
  const help = find(box, ".help", HTMLElement);
  old?.remove();
  if (help) help.hidden = sentence !== "";
  field.toggleAttribute("aria-invalid", sentence !== "");
  if (!sentence) {
    if (help) field.setAttribute("aria-describedby", help.id);
    else field.removeAttribute("aria-describedby");
    return false;
  }
  field.setAttribute("aria-invalid", "true");
  const note = copyOf(find(document, 'template[data-part="org-problem"]', HTMLTemplateElement));
  if (!note) return false;
  note.id = `${field.id}-problem`;
  write(note, "[data-text]", sentence);
  field.setAttribute("aria-describedby", note.id);
  box.append(note);
  return true;
}

if (!customElements.get("ui-founding")) customElements.define("ui-founding", Founding);
