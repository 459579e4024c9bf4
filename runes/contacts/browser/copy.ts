/** A value that somebody carries to another device: its button puts it on the clipboard. */
export class Copy extends HTMLElement {
  private stop = new AbortController();

  connectedCallback(): void {
    this.stop = new AbortController();
    const button = this.querySelector("button");
    const input = this.querySelector("input");
    if (!button || !input) return;
    button.hidden = false;
    button.addEventListener("click", () => void copy(input, button), { signal: this.stop.signal });
  }

  disconnectedCallback(): void {
    this.stop.abort();
  }
}

/** The clipboard is closed on plain http; there the text is marked and copied the old way. */
async function copy(input: HTMLInputElement, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    input.select();
    if (!document.execCommand("copy")) return;
  }
  const label = button.querySelector("[data-label]");
  if (!label || label.getAttribute("role")) return;
  const before = label.textContent;
  label.setAttribute("role", "status");
  label.textContent = button.dataset.copied ?? before;
  setTimeout(() => {
    label.textContent = before;
    label.removeAttribute("role");
  }, 2000);
}
