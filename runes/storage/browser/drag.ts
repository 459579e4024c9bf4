import { List, idOf } from "./list.ts";

const KIND = "application/x-runes-files";

/** Things are dragged onto folders and onto the path to move them; Ctrl copies. */
export function dragging(root: HTMLElement, list: List, signal: AbortSignal, put: (ids: string[], into: string, copy: boolean) => void): void {
  let over: HTMLElement | null = null;
  const mark = (target: HTMLElement | null) => {
    if (target === over) return;
    over?.removeAttribute("data-over");
    target?.setAttribute("data-over", "");
    over = target;
  };
  root.addEventListener("dragstart", (event) => {
    const entry = event.target instanceof Element ? event.target.closest<HTMLElement>(".storage-entry") : null;
    if (!entry || !event.dataTransfer) return;
    if (!list.selection.ids.has(idOf(entry))) list.choose(idOf(entry));
    event.dataTransfer.setData(KIND, JSON.stringify([...list.selection.ids]));
    event.dataTransfer.effectAllowed = "copyMove";
    for (const one of list.entries()) one.toggleAttribute("data-lifted", list.selection.ids.has(idOf(one)));
  }, { signal });
  root.addEventListener("dragend", () => {
    mark(null);
    for (const one of list.entries()) one.removeAttribute("data-lifted");
  }, { signal });
  root.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes(KIND)) return;
    const target = landing(event.target, list);
    mark(target);
    if (!target) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = event.ctrlKey || event.metaKey ? "copy" : "move";
  }, { signal });
  root.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes(KIND)) return;
    event.preventDefault();
    const target = landing(event.target, list);
    mark(null);
    const into = target?.dataset.dropInto ?? target?.dataset.id;
    const ids: string[] = JSON.parse(event.dataTransfer.getData(KIND) || "[]");
    if (into && ids.length > 0) put(ids, into, event.ctrlKey || event.metaKey);
  }, { signal });
}

/** landing is the folder under the pointer, unless it is one of the things that are dragged. */
function landing(target: EventTarget | null, list: List): HTMLElement | null {
  if (!(target instanceof Element)) return null;
  const found = target.closest<HTMLElement>(".storage-entry[data-kind=folder], [data-drop-into]");
  return found && !list.selection.ids.has(found.dataset.id ?? "") ? found : null;
}
