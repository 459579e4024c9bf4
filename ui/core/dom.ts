/** The first element under root that matches and is of that type. */
export function find<T extends Element>(root: ParentNode, selector: string, type: abstract new (...args: never[]) => T): T | null {
  const found = root.querySelector(selector);
  return found instanceof type ? found : null;
}

/** All elements under root that match and are of that type. */
export function findAll<T extends Element>(root: ParentNode, selector: string, type: abstract new (...args: never[]) => T): T[] {
  return [...root.querySelectorAll(selector)].filter((e): e is T => e instanceof type);
}

/** A copy of what a template in the page holds: the first element inside it. */
export function copyOf(template: HTMLTemplateElement | null): HTMLElement | null {
  const first = template?.content.firstElementChild;
  const copy = first ? document.importNode(first, true) : null;
  return copy instanceof HTMLElement ? copy : null;
}

/** Puts text into the first match; without a match it does nothing. */
export function write(root: ParentNode, selector: string, text: string): void {
  const target = root.querySelector(selector);
  if (target) target.textContent = text;
}

/** The element an event happened in that matches, looking outwards. */
export function within<T extends Element>(event: Event, selector: string, type: abstract new (...args: never[]) => T): T | null {
  const start = event.target instanceof Element ? event.target.closest(selector) : null;
  return start instanceof type ? start : null;
}

/** Whether keys typed now belong to a field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "file", "range"].includes(target.type);
}

/** The content of a meta tag, empty when there is none. */
export function meta(name: string): string {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
}
