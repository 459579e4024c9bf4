import { findAll, within } from "./dom.ts";

/** Buttons that put a text on the clipboard, wherever they appear; without script they stay hidden. */
export function startCopying(): void {
  const show = () => { for (const button of findAll(document, "[data-copy][hidden]", HTMLElement)) button.hidden = false; };
  for (const arrival of ["turbo:load", "turbo:frame-load", "turbo:render"]) document.addEventListener(arrival, show);
  document.addEventListener("click", (event) => {
    const button = within(event, "[data-copy]", HTMLElement);
    if (button) void copy(button);
  });
}

async function copy(button: HTMLElement): Promise<void> {
  const text = button.dataset.copy ?? "";
  if (!(await put(text, button))) return;
  const label = button.querySelector("[data-label]");
  if (!label) return;
  const before = label.textContent;
  label.textContent = button.dataset.copied ?? before;
  label.setAttribute("role", "status");
  setTimeout(() => { label.textContent = before; }, 2000);
}

/** The clipboard is closed on plain http; there the text is marked and copied the old way. */
async function put(text: string, button: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const input = button.parentElement?.querySelector("input");
    input?.select();
    return document.execCommand("copy");
  }
}
