import { idOf, List } from "./list.ts";

export interface Answers {
  open(id: string): void;
  menu(entry: HTMLElement, at?: { x: number; y: number }): void;
  details(id: string): void;
}

const LONG = 500;

/** What clicks, ticks, double clicks, right clicks and long presses mean. */
export function clicks(root: HTMLElement, list: List, signal: AbortSignal, answers: Answers): void {
  const entryOf = (event: Event) => (event.target instanceof Element ? event.target.closest<HTMLElement>(".storage-entry") : null);
  root.addEventListener("click", (event) => {
    const entry = entryOf(event);
    if (entry && event instanceof MouseEvent) click(event, entry, list, answers);
  }, { signal });
  root.addEventListener("dblclick", (event) => {
    const entry = entryOf(event);
    if (!entry || (event.target instanceof Element && event.target.closest(".storage-tick, [data-entry-menu]"))) return;
    answers.open(idOf(entry));
  }, { signal });
  root.addEventListener("contextmenu", (event) => {
    const entry = entryOf(event);
    if (!entry) return;
    event.preventDefault();
    answers.menu(entry, event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : undefined);
  }, { signal });
  root.addEventListener("focusin", (event) => {
    const entry = entryOf(event);
    if (!entry || list.cursor === idOf(entry)) return;
    list.cursor = idOf(entry);
    list.show();
  }, { signal });
  longPress(root, entryOf, signal, (entry) => answers.menu(entry));
}

function click(event: MouseEvent, entry: HTMLElement, list: List, answers: Answers): void {
  const id = idOf(entry);
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-entry-menu]")) {
    event.preventDefault();
    answers.menu(entry);
    return;
  }
  if (target?.closest(".storage-tick")) {
    // The label's own click comes a second time from the box; only that one counts.
    if (target instanceof HTMLInputElement) void (event.shiftKey ? list.extend(id) : list.toggle(id));
    return;
  }
  if (event.shiftKey) {
    event.preventDefault();
    void list.extend(id);
    return;
  }
  if (event.ctrlKey || event.metaKey || list.ticking) {
    event.preventDefault();
    list.toggle(id);
    return;
  }
  const folder = entry.dataset.kind === "folder";
  if (folder && (target?.closest(".name") || entry.classList.contains("storage-fold") || isTouch(event))) {
    event.preventDefault();
    answers.open(id);
    return;
  }
  event.preventDefault();
  if (isTouch(event)) answers.menu(entry);
  else {
    list.choose(id);
    list.focus(entry);
  }
}

function isTouch(event: MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === "touch";
}

/** Not every browser makes a context menu out of a long press. */
function longPress(root: HTMLElement, entryOf: (event: Event) => HTMLElement | null, signal: AbortSignal, then: (entry: HTMLElement) => void): void {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  root.addEventListener("pointerdown", (event) => {
    const entry = entryOf(event);
    stop();
    if (entry && event.pointerType === "touch") timer = window.setTimeout(() => then(entry), LONG);
  }, { signal });
  for (const name of ["pointerup", "pointermove", "pointercancel"]) root.addEventListener(name, stop, { signal });
}
