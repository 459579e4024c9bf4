import { cache, morphElements, visit } from "@hotwired/turbo";
import { find, findAll } from "./dom.ts";
import { onLive } from "./live.ts";

/** Parts of the frame that say what a person may use. */
const parts = ["#side", ".top .mob", ".top .tools", ".tabbar", "#create-menu", "ui-palette"];

let told = "";
let isReading = false;

/** The sidebar, the menus and Home follow at once when a rune is activated or suspended, or when a right changes. */
export function startFollow(): void {
  onLive("frame", (message) => {
    if (typeof message !== "object" || message === null || !("stamp" in message) || typeof message.stamp !== "string") return;
    told = message.stamp;
    cache.clear();
    void follow();
  });
  onLive("face", (message) => {
    if (typeof message !== "object" || message === null || !("id" in message) || !("picture" in message)) return;
    cache.clear();
    for (const face of findAll(document, `[data-face="${message.id}"]`, HTMLElement)) wear(face, String(message.picture));
  });
  document.addEventListener("turbo:load", () => void follow());
}

/** Hangs a picture before somebody's initials, or takes it off. */
function wear(face: HTMLElement, picture: string): void {
  face.querySelector("img")?.remove();
  if (!picture) return;
  const img = new Image();
  img.alt = "";
  img.src = picture + (face.offsetWidth > 48 ? 192 : 96);
  face.append(img);
}

/** Reads this page anew and takes over its frame. What a person has written on the page stays, unless the page is gone. */
async function follow(): Promise<void> {
  const mine = document.body.dataset.frame;
  if (!told || !mine || mine === told || isReading) return;
  isReading = true;
  const wanted = told;
  const here = location.href;
  const response = await fetch(here, { headers: { Accept: "text/html" }, credentials: "same-origin" }).catch(() => null);
  const html = await response?.text().catch(() => "");
  isReading = false;
  if (!response || !html || location.href !== here) return;
  const page = new DOMParser().parseFromString(html, "text/html");
  if (response.redirected || !page.body.dataset.frame) return visit(here, { action: "replace" });
  for (const part of parts) replace(part, page);
  takeLook(page);
  // Home shows what the runes offer; a page whose rune went says so.
  if (location.pathname === "/" || response.status === 404) replace("#main", page);
  if (response.status === 404) document.title = page.title;
  document.body.dataset.frame = page.body.dataset.frame;
  if (told !== wanted) void follow();
}

function replace(part: string, page: Document): void {
  const old = find(document, part, HTMLElement);
  const fresh = find(page, part, HTMLElement);
  if (part === "ui-palette" && find(document, "ui-palette dialog[open]", HTMLElement)) return;
  if (old && fresh) return morphElements(old, fresh);
  old?.remove();
  if (fresh) find(document, "#account-menu", HTMLElement)?.before(document.importNode(fresh, true));
}

/** Wears the organisation's look of the fresh page. The old colours go when the new ones are there, so that none flash by. */
function takeLook(page: Document): void {
  const sheet = "link[data-look]";
  const old = find(document, sheet, HTMLLinkElement);
  const fresh = find(page, sheet, HTMLLinkElement);
  if (fresh && fresh.getAttribute("href") !== old?.getAttribute("href")) {
    const link = document.importNode(fresh, true);
    link.addEventListener("load", () => old?.remove());
    if (old) old.after(link);
    else document.head.append(link);
  }
  const icon = find(page, 'link[rel="icon"]', HTMLLinkElement)?.getAttribute("href");
  if (icon) find(document, 'link[rel="icon"]', HTMLLinkElement)?.setAttribute("href", icon);
  if (page.body.dataset.header) document.body.dataset.header = page.body.dataset.header;
  else delete document.body.dataset.header;
  const end = page.title.lastIndexOf(" | ");
  if (end > 0) document.title = document.title.replace(/ \| [^|]*$/, () => page.title.slice(end));
}
