import { session, type Snapshot } from "@hotwired/turbo";
import { find } from "./dom.ts";

/** Pages that were just left and are about to be kept for Back. */
const leaving = new Set<Snapshot>();

/** Pages of the house share their frame: a page switch trades what differs, and the sidebar stays where it is. */
export function startTrade(): void {
  const { view } = session;
  const clear = view.clearSnapshotCache;
  view.clearSnapshotCache = () => {
    leaving.clear();
    clear.call(view);
  };
  view.cacheSnapshot = async (snapshot = view.snapshot) => {
    if (!snapshot.isCacheable) return undefined;
    view.delegate.viewWillCacheSnapshot();
    const from = view.lastRenderedLocation;
    leaving.add(snapshot);
    await drawn();
    if (!leaving.delete(snapshot)) return undefined; // nothing is kept any more, after sign-out or a change
    const copy = snapshot.clone();
    view.snapshotCache.put(from, copy);
    return copy;
  };
}

/** What Turbo keeps for Back is copied after the new page is on the screen, not before. */
function drawn(): Promise<void> {
  return new Promise((go) => {
    if (document.hidden) window.setTimeout(go);
    else requestAnimationFrame(() => window.setTimeout(go));
  });
}

/**
 * Makes the page that is open into the other one, and the other one into what was open: Turbo, which keeps the old page
 * for Back, finds it there. False when their frames differ in more than what they show.
 */
export function trade(open: HTMLElement, other: HTMLElement): boolean {
  if (open === other) return false; // somebody went Back to this page, and then to it again
  if (!open.dataset.frame || !sameAttributes(open, other) || !find(open, "#main", HTMLElement) || !find(other, "#main", HTMLElement)) return false;
  const { view } = session;
  const shown = view.getCachedSnapshotForLocation(new URL(location.href));
  const isKept = shown?.element === other;
  tradeChildren(open, other);
  for (const left of [...leaving, view.getCachedSnapshotForLocation(view.lastRenderedLocation)]) {
    if (left?.element === open) left.element = other;
  }
  if (shown && isKept) shown.element = open;
  return true;
}

/** Walks from both ends towards what one of them has more. */
function tradeChildren(open: Element, other: Element): void {
  const [mine, theirs] = [[...open.childNodes], [...other.childNodes]];
  let first = 0;
  while (tradePair(mine[first], theirs[first])) first++;
  let last = 0;
  const most = Math.min(mine.length, theirs.length) - first;
  while (last < most && tradePair(mine.at(-1 - last), theirs.at(-1 - last))) last++;
  const after = (place: Element): ChildNode | null => place.childNodes[place.childNodes.length - last] ?? null;
  const [rest, otherRest] = [after(open), after(other)];
  for (const node of mine.slice(first, mine.length - last)) other.insertBefore(node, otherRest);
  for (const node of theirs.slice(first, theirs.length - last)) open.insertBefore(node, rest);
}

/** Whether the two stand for the same: then they are traded, whole or what differs within. */
function tradePair(mine: ChildNode | undefined, theirs: ChildNode | undefined): boolean {
  if (!mine || !theirs || mine.nodeName !== theirs.nodeName) return false;
  if (mine instanceof Element && theirs instanceof Element && mine.id !== theirs.id) return false;
  if (mine.nodeName !== "MAIN" && mine.isEqualNode(theirs)) return true;
  if (isFrame(mine) && isFrame(theirs) && sameAttributes(mine, theirs)) tradeChildren(mine, theirs);
  else swap(mine, theirs);
  return true;
}

/** The page itself is always new, and elements with a script of their own wake up anew when anything in them differs. */
function isFrame(node: ChildNode): node is Element & ChildNode {
  return node instanceof Element && node.nodeName !== "MAIN" && (node.nodeName === "UI-SHELL" || !node.nodeName.includes("-"));
}

function sameAttributes(mine: Element, theirs: Element): boolean {
  const names = mine.getAttributeNames();
  return names.length === theirs.attributes.length && names.every((name) => mine.getAttribute(name) === theirs.getAttribute(name));
}

function swap(mine: ChildNode, theirs: ChildNode): void {
  const place = document.createComment("");
  mine.replaceWith(place);
  theirs.replaceWith(mine);
  place.replaceWith(theirs);
}
