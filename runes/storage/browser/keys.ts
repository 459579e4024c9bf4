import { isTyping } from "runes";
import { List } from "./list.ts";

/** What the keys of the list do besides moving: each is told which things it is about. */
export interface Deeds {
  open(id: string): void;
  act(name: string, ids: string[]): void;
  menu(entry: HTMLElement): void;
  create(): void;
}

type Way = "up" | "down" | "left" | "right" | "first" | "last";

const ways: Record<string, Way> = {
  ArrowDown: "down", ArrowUp: "up", ArrowLeft: "left", ArrowRight: "right", Home: "first", End: "last", j: "down", k: "up",
};

/** keys answers the keyboard on the page of a folder, unless somebody types or another layer is open. */
export function keys(list: List, deeds: Deeds): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented || event.altKey || elsewhere(event.target)) return;
    const letter = event.key.length === 1 && !event.ctrlKey && !event.metaKey;
    if (letter && event.key !== " " && !lettersOn()) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() !== "a") return;
    const way = ways[event.key];
    if (way) {
      event.preventDefault();
      void move(list, way, event.shiftKey);
      return;
    }
    const deed = other(event, list, deeds);
    if (!deed) return;
    event.preventDefault();
    deed();
  };
}

async function move(list: List, way: Way, extend: boolean): Promise<void> {
  const next = await list.step(way);
  if (!next) return;
  if (extend && !list.selection.anchor) list.selection.anchor = list.cursor;
  list.focus(next);
  if (extend) await list.extend(list.cursor);
}

function other(event: KeyboardEvent, list: List, deeds: Deeds): (() => void) | null {
  const onEntry = event.target === document.body || (event.target instanceof Element && event.target.closest(".storage-entry") !== null);
  const about = list.selection.size > 0 ? [...list.selection.ids] : list.cursor ? [list.cursor] : [];
  if (event.key === "a" && (event.ctrlKey || event.metaKey)) return () => void list.chooseAll();
  if (event.key === "c") return () => deeds.create();
  if (event.key === "Escape" && list.selection.size > 0) return () => list.clear();
  if (about.length === 0) return null;
  switch (event.key) {
    case "Enter":
      return onEntry ? () => deeds.open(list.cursor) : null;
    case "x":
      return list.cursor ? () => list.toggle(list.cursor) : null;
    case " ":
      return onEntry ? () => list.toggle(list.cursor) : null;
    case "F2":
    case "e":
      return () => deeds.act("rename", about);
    case "Delete":
      return () => deeds.act("delete", about);
    case "ContextMenu":
    case "F10": {
      const entry = list.entry(list.cursor);
      return entry && (event.key !== "F10" || event.shiftKey) ? () => deeds.menu(entry) : null;
    }
    default:
      return null;
  }
}

/** Single letters can be switched off on the key sheet of the house. */
function lettersOn(): boolean {
  try {
    return localStorage.getItem("runes.letters") !== "off";
  } catch {
    return true;
  }
}

function elsewhere(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]") || document.querySelector("[popover]:popover-open")) return true;
  return isTyping(target);
}
