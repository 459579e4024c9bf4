import { find } from "runes";

/** Copies what stands in another place of the page; formatted text keeps its form where the browser can. */
export class Copy extends HTMLElement {
  connectedCallback(): void {
    const from = document.getElementById(this.dataset.from ?? "");
    const button = find(this, "button", HTMLButtonElement);
    const label = this.querySelector("button > span");
    if (!from || !button || !label) return;
    this.hidden = false;
    const verb = label.textContent;
    let back = 0;
    button.addEventListener("click", () => {
      void this.#copy(from).then(() => {
        label.textContent = this.dataset.done ?? verb;
        window.clearTimeout(back);
        back = window.setTimeout(() => { label.textContent = verb; }, 2000);
      });
    });
  }

  async #copy(from: HTMLElement): Promise<void> {
    if (from instanceof HTMLInputElement || from instanceof HTMLTextAreaElement) {
      await write(from.value, from);
      return;
    }
    const plain = document.getElementById(this.dataset.text ?? "");
    const text = plain instanceof HTMLTextAreaElement ? plain.value : from.innerText;
    if (typeof ClipboardItem === "undefined" || !navigator.clipboard) {
      choose(from);
      return;
    }
    await navigator.clipboard.write([new ClipboardItem({
      "text/html": new Blob([from.innerHTML], { type: "text/html" }),
      "text/plain": new Blob([text], { type: "text/plain" }),
    })]);
  }
}

async function write(text: string, from: HTMLInputElement | HTMLTextAreaElement): Promise<void> {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else from.select(); // without TLS a browser keeps its clipboard; Ctrl+C does the rest
}

function choose(from: HTMLElement): void {
  const range = document.createRange();
  range.selectNodeContents(from);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}
