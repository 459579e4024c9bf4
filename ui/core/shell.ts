import { find, findAll } from "./dom.ts";

/** The frame itself: the bell's panel loads when it opens, the sheet of the phone takes the focus. */
class Shell extends HTMLElement {
  connectedCallback(): void {
    nameKey();
    find(this, "#side", HTMLElement)?.addEventListener("toggle", (event) => {
      if (event instanceof ToggleEvent && event.newState === "open") find(this, "#side .nav a", HTMLElement)?.focus();
    });
    // The sidebar keeps its place while pages change.
    find(this, ".nav", HTMLElement)?.scrollTo(0, scrolled);
    find(this, ".nav", HTMLElement)?.addEventListener("scroll", (event) => {
      if (event.target instanceof HTMLElement) scrolled = event.target.scrollTop;
    }, { passive: true });
  }
}

let scrolled = 0;

function nameKey(): void {
  if (!/mac|iphone|ipad/i.test(navigator.userAgent)) return;
  for (const key of findAll(document, ".searchbar .kbd", HTMLElement)) key.textContent = "⌘ K";
}

/** The newest notifications are fetched each time the panel opens, never before. */
function openBell(event: Event): void {
  const panel = event.target;
  if (!(panel instanceof HTMLElement) || panel.id !== "bell-panel") return;
  if (!(event instanceof ToggleEvent) || event.newState !== "open") return;
  const frame = find(panel, "turbo-frame", HTMLElement);
  const address = frame?.dataset.src;
  if (!frame || !address) return;
  if (frame.hasAttribute("src")) frame.removeAttribute("src");
  frame.setAttribute("src", address);
}

export function startShell(): void {
  customElements.define("ui-shell", Shell);
  document.addEventListener("turbo:render", nameKey);
  document.addEventListener("toggle", openBell, true); // toggle does not bubble
}
