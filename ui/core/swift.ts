import { PageSnapshot, session } from "@hotwired/turbo";
import { findAll } from "./dom.ts";

/** Nobody waits for a page that is there already: Back, and a page that was fetched while the pointer came near. */
export function startSwift(): void {
  showAtOnce();
  keepLanguage();
  readOnce();
  document.addEventListener("turbo:before-fetch-response", (event) => {
    if (event instanceof CustomEvent && event.target instanceof HTMLAnchorElement) void dress(event.detail.fetchResponse.responseHTML);
  });
}

/** Turbo shows a page in the next frame. One that is complete need not wait for it: the browser draws right afterwards. */
function showAtOnce(): void {
  const { adapter } = session;
  const start = adapter.visitStarted;
  adapter.visitStarted = (visit) => {
    const later = visit.render;
    let latest: unknown = null;
    visit.render = async (show) => {
      // An old look at a page makes way when the page itself comes before the next frame.
      if (visit.action !== "restore" && !visit.response) return later.call(visit, show);
      visit.cancelRender();
      latest = show;
      await dressed;
      if (latest === show && visit.state === "started") await show();
    };
    start.call(adapter, visit);
  };
}

/** Turbo writes the language anew with each page, and for that a browser computes the style of everything, even if it is the same language. */
function keepLanguage(): void {
  const root = document.documentElement;
  root.setAttribute = (name, value) => {
    if (root.getAttribute(name) !== value) Element.prototype.setAttribute.call(root, name, value);
  };
}

let ahead: { html: string; page: Document } | null = null;
let dressed: Promise<unknown> = Promise.resolve();

/** Only a link fetches ahead. The page is read at once, and its own sheets and scripts come along; sheets of other pages stay in the head anyway. */
async function dress(coming: Promise<string | undefined>): Promise<void> {
  const html = await coming;
  if (!html) return;
  const page = new DOMParser().parseFromString(html, "text/html");
  ahead = { html, page };
  const have = new Set(findAll(document.head, "link,script", HTMLElement).map((e) => e.outerHTML));
  const sheets = findAll(page.head, "link[rel=stylesheet]:not([data-turbo-track])", HTMLLinkElement).filter((link) => !have.has(link.outerHTML));
  const scripts = findAll(page.head, "script[src]", HTMLScriptElement).filter((script) => !have.has(script.outerHTML)).map(preload);
  const coats = sheets.map((link) => document.importNode(link));
  dressed = Promise.all(coats.map(loaded));
  document.head.append(...coats, ...scripts.filter((link) => !have.has(link.outerHTML)));
}

/** Hands the page that was read ahead to Turbo, once: it becomes part of the document. */
function readOnce(): void {
  const read = PageSnapshot.fromHTMLString;
  PageSnapshot.fromHTMLString = (html) => {
    const known = ahead?.html === html ? ahead?.page : undefined;
    ahead = null;
    return known ? PageSnapshot.fromDocument(known) : read.call(PageSnapshot, html);
  };
}

function preload(script: HTMLScriptElement): HTMLLinkElement {
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = script.src;
  return link;
}

/** Two seconds are what Turbo waits for a sheet, too. */
function loaded(link: HTMLLinkElement): Promise<unknown> {
  return new Promise((go) => {
    for (const end of ["load", "error"]) link.addEventListener(end, go, { once: true });
    window.setTimeout(go, 2000);
  });
}
