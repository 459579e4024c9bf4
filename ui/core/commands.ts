import { find, findAll } from "./dom.ts";

/** One thing the palette can do. Pages and actions come from the page itself: what a person may not use is not there.
 *  Records come from the server, with their text in parts: those at odd places are what was typed. */
export interface Command {
  id: string;
  kind: string;
  text: string;
  note: string;
  icon: Element | null;
  href: string;
  does: string;
  /** Opens over the page instead of leading away. */
  over?: boolean;
  parts?: string[];
}

/** Pages from the sidebar, creations from the "+" menu, and what the shell itself can do. */
export function commands(): Command[] {
  return [...pages(), ...creations(), ...own()];
}

function pages(): Command[] {
  let parent: Command | null = null;
  const seen = new Set<string>();
  // A page with a star stands in the sidebar twice.
  const links = findAll(document, ".nav a", HTMLAnchorElement).filter((a) => !seen.has(a.href) && seen.add(a.href));
  return links.map((a) => {
    const isSub = a.closest(".sub") !== null;
    const page = fromLink(a, "page", isSub && parent ? parent.text : "");
    if (isSub && parent) page.icon = parent.icon;
    if (!isSub) parent = page;
    return page;
  });
}

function creations(): Command[] {
  return findAll(document, "#create-menu a", HTMLAnchorElement).map((a) => fromLink(a, "action", ""));
}

function own(): Command[] {
  return findAll(document, "template[data-command]", HTMLTemplateElement).map((t) => ({
    id: t.dataset.do ?? `help${t.dataset.href}`,
    kind: t.dataset.kind ?? "action",
    text: t.dataset.text ?? "",
    note: "",
    icon: t.content.firstElementChild,
    href: t.dataset.href ?? "",
    does: t.dataset.do ?? "",
  }));
}

function fromLink(a: HTMLAnchorElement, kind: Command["kind"], note: string): Command {
  const href = a.getAttribute("href") ?? "/";
  const text = find(a, "span", HTMLElement)?.textContent?.trim() ?? "";
  return { id: kind + href, kind, text, note, icon: a.querySelector("svg"), href, does: "", over: "recordDialog" in a.dataset };
}
