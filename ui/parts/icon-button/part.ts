import { within } from "../../core/dom.ts";

const pause = 450;

/** One tooltip for the whole page: the name of an icon button and its key, on hover and on keyboard focus. */
export function startTips(): void {
  let tip: HTMLElement | null = null;
  let clock = 0;
  let isPointed = false; // by the mouse, not by the focus
  const hide = (): void => {
    window.clearTimeout(clock);
    tip?.remove();
    tip = null;
    isPointed = false;
  };
  const show = (button: HTMLElement, wait: number): void => {
    hide();
    isPointed = wait > 0;
    clock = window.setTimeout(() => { if (button.isConnected) tip = tipOf(button); }, wait);
  };
  document.addEventListener("pointerover", (event) => {
    const button = within(event, "[data-tip]", HTMLElement);
    if (button && event.pointerType === "mouse") show(button, pause);
    else if (isPointed) hide(); // a page that scrolls under a resting mouse takes nothing from the keyboard
  });
  document.addEventListener("focusin", (event) => {
    const button = within(event, "[data-tip]", HTMLElement);
    if (button?.matches(":focus-visible")) show(button, 0);
    else hide();
  });
  for (const name of ["focusout", "pointerdown", "keydown", "turbo:before-cache"]) document.addEventListener(name, hide);
}

function tipOf(button: HTMLElement): HTMLElement {
  const tip = document.createElement("span");
  tip.className = "tip";
  tip.popover = "manual";
  tip.setAttribute("aria-hidden", "true"); // the button has the same name
  tip.append(button.dataset.tip ?? "");
  if (button.dataset.tipKey) {
    const key = document.createElement("kbd");
    key.className = "kbd";
    key.textContent = button.dataset.tipKey;
    tip.append(key);
  }
  document.body.append(tip);
  tip.showPopover();
  const box = button.getBoundingClientRect();
  const below = box.bottom + 6 + tip.offsetHeight < window.innerHeight;
  tip.style.left = `${Math.max(6, Math.min(box.left + box.width / 2 - tip.offsetWidth / 2, window.innerWidth - tip.offsetWidth - 6))}px`;
  tip.style.top = `${below ? box.bottom + 6 : box.top - tip.offsetHeight - 6}px`;
  return tip;
}
