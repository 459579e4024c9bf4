import type { Page } from "@playwright/test";

/** The part of the XSS spec that runs inside the browser: it reads forms, sends them and looks at the answers. */
export interface Lab {
  crawl(most: number): Promise<{ pages: string[]; forms: string[] }>;
  attack(form: string, corpus: string[]): Promise<Attack>;
  look(address: string): Promise<string[]>;
  raw(text: string): boolean;
}

export interface Attack {
  fields: string[];
  accepted: number;
  refused: number;
  /** What of the corpus became part of a page, or an answer that no person should get. */
  found: string[];
}

declare global {
  interface Window {
    lab: Lab;
    sprung: string[];
  }
}

/** Opens an empty page of the same site without a policy, so that whatever slips through does act. */
export async function openLab(page: Page, address: string): Promise<void> {
  await page.route("**/xss-lab", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><body></body>" }));
  await page.addInitScript(() => {
    window.sprung = [];
    Object.assign(window, { trap: () => window.sprung.push(location.pathname) });
  });
  await page.goto(`${address}/xss-lab`);
  await page.evaluate(startLab);
}

function startLab(): void {
  const typed = 'input:is(:not([type]),[type=text],[type=email],[type=tel],[type=url],[type=search],[type=number],[type=date],[type=color])[name],textarea[name]';
  const plain = ["Plain #", "https://example.com/#", "somebody.#@example.com", "+41 44 555 00 10", "2026-03-01", "7"];
  // Ending things is no field; what these would do belongs to other specs.
  const leaveOut = /^\/login|\/edit$|logout|password|remove|purge|trash|suspend|reset|restore|theme|language|gallery|live|export|vcard|download|preferences|default/;
  const forms = new Map<string, { page: string; action: string }>();
  const kinds = new Set<string>();

  /** Pages of one kind look alike: ids and what a query says make no other kind, the pages of a list do. */
  const shape = (path: string): string => {
    const at = new URL(path, location.href);
    return at.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27,}|\/\d+(?=\/|$)/g, "*") + (at.searchParams.get("page") ?? "");
  };

  async function open(address: string): Promise<Document> {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const isPage = answer.headers.get("Content-Type")?.startsWith("text/html") ?? false;
    return new DOMParser().parseFromString(isPage ? await answer.text() : "", "text/html");
  }

  /** Whether following the address would run something, as a browser reads it. */
  function acting(address: string): boolean {
    return URL.canParse(address, location.href) && ["javascript:", "data:", "vbscript:"].includes(new URL(address, location.href).protocol);
  }

  /** What stands in a document that none of our templates writes. */
  function planted(doc: ParentNode): string[] {
    const odd = [
      'script:not([src^="/assets/"])', "iframe", "object", "embed", "base", "meta[http-equiv]", "marquee", "keygen", "isindex", "math", "audio", "turbo-stream", "x",
      'img[src^="x"]', "svg:not([viewBox])", "svg script", "svg a", "animate", "style", 'link:not([href^="/"])', "slot", 'link[href^="//"]', 'turbo-frame[src^="//"]', "ui-palette > dialog[open]", '[style*="animation"]', '[style*="position"]',
      'link[rel="modulepreload"]', "template[data-flash][data-undo='/logout']", "[contenteditable='']", "[autofocus][onfocus]",
    ];
    const found = odd.filter((selector) => doc.querySelector(selector));
    for (const e of doc.querySelectorAll("*")) {
      for (const a of e.attributes) {
        if (/^on[a-z]+$/.test(a.name)) found.push(`${e.localName}[${a.name}]`);
        if (/^(xlink:)?href$|^src$|action$/.test(a.name) && acting(a.value)) found.push(`${e.localName}[${a.name}=${a.value}]`);
      }
      if (e instanceof HTMLTemplateElement) found.push(...planted(e.content));
    }
    if (doc.querySelectorAll("ui-palette").length > 1 || doc.querySelectorAll("template[data-do=sign-out]").length > 1) found.push("a second palette");
    return found;
  }

  /** Scans an answer, and makes elements of it in this page: a picture that should not be there fails and says so, even beside the tree. */
  function judge(html: string): string[] {
    document.createElement("div").innerHTML = html.slice(html.indexOf("<main"), html.indexOf("</main>"));
    return planted(new DOMParser().parseFromString(html, "text/html"));
  }

  function values(form: HTMLFormElement): URLSearchParams {
    const body = new URLSearchParams();
    for (const e of form.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>("input[name],select[name],textarea[name]")) {
      if (e instanceof HTMLInputElement && ["checkbox", "radio"].includes(e.type) && !e.checked) continue;
      if (e instanceof HTMLSelectElement && !e.value) e.selectedIndex = Math.min(1, e.options.length - 1);
      body.append(e.name, e.value);
    }
    return body;
  }

  async function post(action: string, body: URLSearchParams): Promise<{ status: number; html: string; path: string }> {
    const answer = await fetch(action, { method: "POST", body, headers: { Accept: "text/html" } });
    return { status: answer.status, html: await answer.text(), path: new URL(answer.url).pathname };
  }

  window.lab = {
    async crawl(most) {
      const queue = ["/"];
      const seen = new Set(queue.map(shape));
      const pages: string[] = [];
      for (let at = queue.shift(); at !== undefined && pages.length < most; at = queue.shift()) {
        const doc = await open(at);
        pages.push(at);
        for (const form of doc.querySelectorAll<HTMLFormElement>('form[method="post"][action^="/"]')) {
          const action = form.getAttribute("action") ?? "";
          // The form of a record that is there has the fields of the one that makes it.
          const kind = action.split("/")[1] + [...form.querySelectorAll<HTMLInputElement>(typed)].map((f) => ` ${f.name}`).join("");
          if (!form.querySelector(typed) || leaveOut.test(action) || kinds.has(kind)) continue;
          kinds.add(kind);
          forms.set(shape(action), { page: at, action });
        }
        for (const link of doc.querySelectorAll('a[href^="/"]')) {
          const href = (link.getAttribute("href") ?? "").split("#")[0] ?? "";
          if (seen.has(shape(href)) || leaveOut.test(href)) continue;
          seen.add(shape(href));
          queue.push(href);
        }
      }
      return { pages, forms: [...forms.keys()] };
    },

    async attack(name, corpus) {
      const at = forms.get(name);
      const form = at && [...(await open(at.page)).querySelectorAll<HTMLFormElement>("form[action]")].find((f) => f.getAttribute("action") === at.action);
      const result: Attack = { fields: [], accepted: 0, refused: 0, found: [] };
      if (!at || !form) return result;
      const fields = [...form.querySelectorAll<HTMLInputElement>(typed)];
      result.fields = fields.map((f) => f.name);
      const taken = new Map<string, string>(); // what a field that refuses a text is known to take
      const one = async (n: number): Promise<void> => {
        const body = values(form);
        fields.forEach((f, k) => body.set(f.name, corpus[(n + k) % corpus.length] ?? ""));
        let answer = await post(at.action, body);
        // What a field refuses is shown again with the refusal; then something that it takes stands there, so that the others are kept.
        for (let round = 0; round < plain.length && answer.status === 422 && (n < 8 || result.accepted > 0); round++) {
          result.refused++;
          result.found.push(...judge(answer.html));
          const again = new DOMParser().parseFromString(answer.html, "text/html");
          for (const bad of again.querySelectorAll<HTMLInputElement>('[aria-invalid="true"][name]')) {
            const known = round === 0 ? taken.get(bad.name) : undefined;
            const next = known ?? (plain[round] ?? "").replace("#", String(n));
            taken.set(bad.name, next);
            body.set(bad.name, next);
          }
          const sure = again.querySelector<HTMLInputElement>('input[name="sure"]');
          if (sure) body.set("sure", sure.value);
          answer = await post(at.action, body);
        }
        if (answer.status >= 500) result.found.push(`${answer.status} from ${at.action}`);
        if (answer.status < 400) result.accepted++;
        else result.refused++;
        result.found.push(...judge(answer.html));
      };
      for (let n = 0; n < corpus.length; n += 4) await Promise.all([n, n + 1, n + 2, n + 3].filter((k) => k < corpus.length).map(one));
      result.found = [...new Set(result.found)];
      return result;
    },

    async look(address) {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (answer.headers.get("Content-Type")?.startsWith("text/html")) return judge(await answer.text());
      return answer.headers.get("X-Content-Type-Options") === "nosniff" ? [] : ["no page, and a browser may take it for one"];
    },

    /** Whether the text would be noticed if a template wrote it as it is: the proof that the looking sees. */
    raw(text) {
      const places = [`<main><p>${text}</p></main>`, `<main><input value="${text}"></main>`, `<main><input value='${text}'></main>`, `<main><a href="${text}">x</a></main>`];
      return places.some((html) => planted(new DOMParser().parseFromString(html, "text/html")).length > 0);
    },
  };
}
