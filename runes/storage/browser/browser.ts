import { openMenuAt, send, visit } from "runes";
import { Details } from "./details.ts";
import { ask, attempt, post } from "./deeds.ts";
import { dragging } from "./drag.ts";
import { chosen, dropping, type Found } from "./drop.ts";
import { keys } from "./keys.ts";
import { idOf, List } from "./list.ts";
import { clicks } from "./pointer.ts";
import { Words } from "./words.ts";
import { uploads } from "./upload/queue.ts";

/** Where the page goes back to after a deed: the same scroll position, the focus near by. */
let back: { address: string; top: number; id: string } | null = null;

/** The page of a folder. */
export class Browser extends HTMLElement {
  private list: List | null = null;
  private words: Words | null = null;
  private stop = new AbortController();
  private about: string[] = [];
  private panel: Details | null = null;
  private filterTimer = 0;

  connectedCallback(): void {
    this.stop = new AbortController();
    const signal = this.stop.signal;
    const words = (this.words = Words.of(this));
    const list = (this.list = new List(this, () => this.chose()));
    const [first] = list.selection.ids;
    const panel = this.querySelector<HTMLElement>("[data-inspector]");
    this.panel = panel && new Details(panel, `/storage/details/${first ?? this.dataset.folder}`);
    for (const one of this.querySelectorAll<HTMLElement>("[data-upload-buttons]")) one.hidden = false;
    clicks(this, list, signal, { open: (id) => this.open(id), menu: (entry, at) => this.menu(entry, at), details: (id) => this.details(id) });
    document.addEventListener("keydown", keys(list, {
      open: (id) => this.open(id), act: (name, ids) => this.act(name, ids), menu: (entry) => this.menu(entry), create: () => this.create(),
    }), { signal, capture: true });
    this.addEventListener("click", (event) => this.pressed(event), { signal });
    this.startFiles(signal, words);
    this.startFilter(signal);
    this.chose();
    document.addEventListener("turbo:load", () => this.settle(), { signal, once: true });
    uploads.attend(this.dataset.person ?? "", words, this.dataset.folder ?? "", () => void this.refresh());
    this.wish();
    this.dataset.ready = "";
  }

  disconnectedCallback(): void {
    this.stop.abort();
    this.list?.stop();
    this.panel?.stop();
    uploads.leave();
  }

  /** What the "+" menu asked for in the address is done once. */
  private wish(): void {
    const asked = new URLSearchParams(location.search);
    if (!asked.has("new-folder") && !asked.has("upload")) return;
    history.replaceState(history.state, "", location.pathname);
    if (asked.has("new-folder")) this.create();
    else this.querySelector<HTMLElement>("[data-upload=files]")?.focus();
  }

  private create(): void {
    const href = this.querySelector<HTMLAnchorElement>("a[data-create]")?.href;
    if (href) ask(href);
  }

  private startFiles(signal: AbortSignal, words: Words): void {
    const folder = this.dataset.folder ?? "";
    if (this.dataset.mayChange !== "true") return;
    const take = (found: Promise<Found[]>) => void found.then((files) => uploads.add(folder, files, words));
    const over = this.querySelector<HTMLElement>("[data-over]");
    if (over) dropping(over, signal, take);
    for (const input of this.querySelectorAll<HTMLInputElement>("[data-choose]")) {
      input.addEventListener("change", () => {
        take(Promise.resolve(chosen(input)));
        input.value = "";
      }, { signal });
    }
    if (this.list) {
      dragging(this, this.list, signal, (ids, into, copy) => {
        this.remember();
        attempt(copy ? "/storage/copy" : "/storage/move", [["ids", ids.join(",")], ["to", into], ["folder", folder]]);
      });
    }
  }

  private startFilter(signal: AbortSignal): void {
    const input = this.querySelector<HTMLInputElement>(".storage-filter input");
    input?.addEventListener("input", () => {
      clearTimeout(this.filterTimer);
      this.filterTimer = window.setTimeout(() => {
        const address = new URL(location.href);
        address.searchParams.delete("page");
        if (input.value.trim()) address.searchParams.set("q", input.value.trim());
        else address.searchParams.delete("q");
        history.replaceState(history.state, "", address);
        void this.refresh();
      }, 220);
    }, { signal });
    input?.form?.addEventListener("submit", (event) => event.preventDefault(), { signal });
  }

  private pressed(event: Event): void {
    if (!(event.target instanceof Element)) return;
    const target = event.target.closest<HTMLElement>("[data-upload], [data-storage-dialog], [data-view-choice], [data-bulk-clear], [data-act], [data-inspector-close]");
    if (!target) return;
    const { upload, viewChoice, act } = target.dataset;
    if (upload) this.querySelector<HTMLInputElement>(`[data-choose=${upload}]`)?.click();
    else if (viewChoice) this.look(viewChoice);
    else if (act) this.act(act, target.closest("[data-menu]") ? this.about : [...(this.list?.selection.ids ?? [])]);
    else if (target.hasAttribute("data-bulk-clear")) this.list?.clear();
    else if (target.hasAttribute("data-inspector-close")) this.panel?.close();
    else if (target instanceof HTMLAnchorElement) {
      this.remember();
      ask(target.href);
    }
    event.preventDefault();
  }

  /** look changes between list and grid at once; the server hears of it for the next folder. */
  private look(view: string): void {
    const list = this.querySelector<HTMLElement>("[data-list]");
    if (list) list.dataset.view = view;
    const address = new URL(location.href);
    address.searchParams.set("view", view);
    history.replaceState(history.state, "", address);
    for (const choice of this.querySelectorAll<HTMLElement>("[data-view-choice]")) {
      if (choice.dataset.viewChoice === view) choice.setAttribute("aria-current", "true");
      else choice.removeAttribute("aria-current");
    }
    void send(address.pathname + address.search, { headers: { Accept: "text/html" }, quiet: true });
  }

  private open(id: string): void {
    const entry = this.list?.entry(id);
    if (entry?.dataset.kind === "folder") visit(`/storage/f/${id}`);
    else this.act("download", [id]);
  }

  private menu(entry: HTMLElement, at?: { x: number; y: number }): void {
    const menu = this.querySelector<HTMLElement>("[data-menu]");
    const list = this.list;
    if (!menu || !list) return;
    const id = idOf(entry);
    this.about = list.selection.ids.has(id) ? [...list.selection.ids] : [id];
    list.focus(entry);
    const single = this.about.length === 1;
    for (const name of ["open", "details", "rename"]) menu.querySelector<HTMLElement>(`[data-act=${name}]`)?.toggleAttribute("hidden", !single);
    const title = menu.querySelector("[data-menu-title]");
    if (title) title.textContent = single ? entry.dataset.name ?? "" : this.words?.count("selected", this.about.length) ?? "";
    const box = (entry.querySelector("[data-entry-menu]") ?? entry).getBoundingClientRect();
    openMenuAt(menu, at?.x ?? box.left, at?.y ?? box.bottom + 4);
  }

  private act(name: string, ids: string[]): void {
    const [first] = ids;
    if (!first || !this.list) return;
    const many: [string, string][] = [["ids", ids.join(",")], ["folder", this.dataset.folder ?? ""]];
    this.remember(ids);
    switch (name) {
      case "open":
        this.open(first);
        break;
      case "details":
        this.list.choose(first);
        this.details(first, true);
        break;
      case "select":
        this.list.toggle(first);
        break;
      case "download":
        this.download(ids);
        break;
      case "rename":
        if (ids.length === 1) ask(`/storage/rename/${first}`);
        break;
      case "move":
      case "copy":
        ask(ids.length === 1 ? `/storage/${name}?id=${first}` : `/storage/${name}?n=${ids.length}&from=${this.dataset.folder}`, ids.length === 1 ? [] : many);
        break;
      case "delete":
        post("/storage/delete", many);
    }
  }

  private download(ids: string[]): void {
    const [first] = ids;
    if (ids.length > 1) {
      post("/storage/download", [["ids", ids.join(",")]], { turbo: false });
      return;
    }
    const link = document.createElement("a");
    link.href = `/storage/download/${first}`;
    link.download = "";
    link.dataset.turbo = "false";
    document.body.append(link);
    link.click();
    link.remove();
  }

  /** chose follows the selection: the bar, what is said aloud, and the details of one or several things. */
  private chose(): void {
    const list = this.list;
    if (!list) return;
    const n = list.selection.size;
    this.querySelector("[data-list]")?.toggleAttribute("data-choosing", n > 1 || (n === 1 && list.ticking));
    const text = n > 0 ? this.words?.count("selected", n) ?? "" : "";
    const count = this.querySelector("[data-bulk-count]");
    if (count) count.textContent = text;
    const spoken = this.querySelector("[data-spoken]");
    if (spoken) spoken.textContent = n > 1 ? text : "";
    const [only] = list.selection.ids;
    if (n <= 1) this.details(only ?? this.dataset.folder ?? "");
    else this.several(n);
  }

  private several(n: number): void {
    let bytes = 0;
    for (const entry of this.list?.entries() ?? []) if (this.list?.selection.ids.has(idOf(entry))) bytes += Number(entry.dataset.bytes);
    this.panel?.show(`/storage/details/0?n=${n}&bytes=${bytes}`);
  }

  private details(id: string, open = false): void {
    this.panel?.show(`/storage/details/${id}`, open);
  }

  /** refresh renews the list in place: somebody reads it while files arrive. */
  private async refresh(): Promise<void> {
    const address = location.href;
    const answer = await send(address, { headers: { Accept: "text/html" }, quiet: true }).catch(() => null);
    const fresh = answer && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector<HTMLElement>("storage-browser");
    const list = this.querySelector<HTMLElement>("[data-list]");
    const next = fresh?.querySelector<HTMLElement>("[data-list]");
    if (!fresh || !list || !next || address !== location.href) return;
    const focused = document.activeElement?.closest(".storage-entry") ? this.list?.cursor : "";
    list.replaceChildren(...next.childNodes);
    this.dataset.total = fresh.dataset.total ?? "0";
    this.dataset.query = fresh.dataset.query ?? "";
    for (const one of list.querySelectorAll<HTMLElement>("[data-upload-buttons]")) one.hidden = false;
    this.list?.start();
    if (focused) this.list?.focus(this.list.entry(focused));
    this.chose();
  }

  private remember(ids: string[] = []): void {
    const entries = this.list?.entries() ?? [];
    const last = entries.findLastIndex((entry) => ids.includes(idOf(entry)));
    const next = entries.slice(last + 1).find((entry) => !ids.includes(idOf(entry))) ?? entries[entries.findIndex((entry) => ids.includes(idOf(entry))) - 1];
    back = { address: location.pathname, top: scrollY, id: next ? idOf(next) : "" };
    if (ids[0] && ids.length === 1) back.id = `${ids[0]},${back.id}`;
  }

  private settle(): void {
    const to = back;
    back = null;
    if (!to || to.address !== location.pathname) return;
    window.scrollTo({ top: to.top });
    const entry = to.id.split(",").map((id) => this.list?.entry(id)).find((found) => found) ?? null;
    requestAnimationFrame(() => this.list?.focus(entry));
  }
}
