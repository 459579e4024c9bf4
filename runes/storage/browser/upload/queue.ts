import { failureWord, send, toast, tray, type Upload } from "runes";
import type { Found } from "../drop.ts";
import type { Words } from "../words.ts";
import { askConflict, type Taken } from "./conflict.ts";
import { isSame, Memory, type Remembered } from "./memory.ts";
import { Pace } from "./pace.ts";
import { type Conflict, Refused, upload } from "./transfer.ts";

/** How many files travel at once. */
const PARALLEL = 3;
/** How many names one question to the server holds. */
const ASKED = 400;
/** The list on the page is renewed this often while files arrive. */
const RENEW = 2500;

interface Parcel {
  folder: string;
  path: string;
  file: File;
  conflict: Conflict;
  transfer: string;
  row: Upload | null;
  stop: AbortController;
}

/** All uploads of this window. They go on while pages change; only leaving the site ends them. */
class Uploads {
  private waiting: Parcel[] = [];
  private running = new Set<Parcel>();
  private readonly pace = new Pace();
  private memory: Memory | null = null;
  private words: Words | null = null;
  private folder = "";
  private arrived: (() => void) | null = null;
  private renewed = 0;
  private recalled = false;

  /** attend is called by the page of a folder: it wants to hear when files arrive. */
  attend(person: string, words: Words, folder: string, arrived: () => void): void {
    this.memory ??= new Memory(person);
    this.words = words;
    this.folder = folder;
    this.arrived = arrived;
    if (!this.recalled) for (const one of this.memory.all()) this.recall(one, words);
    this.recalled = true;
  }

  leave(): void {
    this.folder = "";
    this.arrived = null;
  }

  /** add takes files for a folder, asks about names that are taken, and begins. */
  async add(folder: string, found: Found[], words: Words): Promise<void> {
    for (const one of found) if (!one.file) await this.makeFolder(folder, one.path);
    const files = found.filter((one): one is Found & { file: File } => one.file !== null);
    const taken = await this.taken(folder, files.map((one) => one.path));
    const answers = await askConflict(files.flatMap((one) => {
      const there = taken.get(one.path);
      return there ? [{ file: one.file, there }] : [];
    }), words);
    for (const one of files) {
      const conflict = answers.get(one.file) ?? "";
      if (conflict !== "skip") this.take({ folder, path: one.path, file: one.file, conflict, transfer: "" });
    }
    this.next();
  }

  private take(one: Pick<Parcel, "folder" | "path" | "file" | "conflict" | "transfer">): void {
    const stop = new AbortController();
    const parcel: Parcel = { ...one, stop, row: null };
    parcel.row = tray(one.path, () => this.cancel(parcel));
    this.waiting.push(parcel);
    this.pace.expect(one.file.size);
  }

  private next(): void {
    while (this.running.size < PARALLEL) {
      const parcel = this.waiting.shift();
      if (!parcel) return;
      this.running.add(parcel);
      void this.run(parcel).finally(() => {
        this.running.delete(parcel);
        this.next();
      });
    }
  }

  private async run(parcel: Parcel): Promise<void> {
    let before = 0;
    const sent = (bytes: number) => {
      this.pace.sent(Math.max(0, bytes - before));
      before = Math.max(before, bytes);
      parcel.row?.progress(parcel.file.size > 0 ? before / parcel.file.size : 1);
      this.remember(parcel, before);
      this.figure();
    };
    try {
      await upload(parcel, { signal: parcel.stop.signal, sent, begun: (transfer) => { parcel.transfer = transfer; } });
      sent(parcel.file.size);
      this.memory?.forget(parcel.transfer);
      parcel.row?.done(this.words?.say("uploaded") ?? "");
      this.renew(parcel.folder);
    } catch (error) {
      this.pace.sent(parcel.file.size - before);
      if (!parcel.stop.signal.aborted) await this.failed(parcel, error);
    }
    this.figure();
  }

  private async failed(parcel: Parcel, error: unknown): Promise<void> {
    if (error instanceof Refused && error.taken && this.words) {
      // Somebody took the name while the file travelled: ask now.
      const there = (await this.taken(parcel.folder, [parcel.path])).get(parcel.path);
      const answer = there ? (await askConflict([{ file: parcel.file, there }], this.words)).get(parcel.file) : "keep";
      if (answer === "skip") {
        parcel.row?.done(this.words.say("skipped"));
        return;
      }
      parcel.row?.failed("", () => undefined);
      this.again(parcel, answer ?? "keep");
      return;
    }
    parcel.row?.failed(this.sentence(error), () => this.again(parcel, parcel.conflict));
  }

  private sentence(error: unknown): string {
    if (error instanceof Refused) return error.sentence || this.words?.say("unreachable") || failureWord("unreachable");
    return this.words?.say("unreadable") ?? failureWord("broken");
  }

  private again(parcel: Parcel, conflict: Conflict): void {
    this.take({ folder: parcel.folder, path: parcel.path, file: parcel.file, conflict, transfer: parcel.transfer });
    this.next();
  }

  private cancel(parcel: Parcel): void {
    parcel.stop.abort();
    this.waiting = this.waiting.filter((one) => one !== parcel);
    if (parcel.transfer) void this.drop(parcel.transfer);
  }

  private async drop(transfer: string): Promise<void> {
    this.memory?.forget(transfer);
    await send(`/storage/transfer/${transfer}/drop`, { method: "POST", quiet: true }).catch(() => null);
  }

  private remember(parcel: Parcel, sent: number): void {
    if (!parcel.transfer) return;
    const { folder, path, file, conflict, transfer } = parcel;
    const percent = Math.floor((sent / file.size) * 100);
    this.memory?.keep({ transfer, folder, path, conflict, percent, name: file.name, size: file.size, modified: file.lastModified });
  }

  /** recall offers to go on with what was on its way before the page was loaded again. */
  private recall(one: Remembered, words: Words): void {
    const row = tray(one.path, () => void this.drop(one.transfer));
    row?.failed(words.say("choose_again", { percent: `${one.percent}%` }), () => this.choose(one, words));
  }

  private choose(one: Remembered, words: Words): void {
    const input = document.createElement("input");
    input.type = "file";
    input.addEventListener("cancel", () => this.recall(one, words));
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (!file || !isSame(one, file)) {
        toast(words.say("other_file", { name: one.name }));
        this.recall(one, words);
        return;
      }
      this.take({ folder: one.folder, path: one.path, file, conflict: one.conflict, transfer: one.transfer });
      this.next();
    });
    input.click();
  }

  private async taken(folder: string, paths: string[]): Promise<Map<string, Taken>> {
    const found = new Map<string, Taken>();
    for (let at = 0; at < paths.length; at += ASKED) {
      const body = new URLSearchParams(paths.slice(at, at + ASKED).map((path) => ["path", path]));
      const answer = await send(`/storage/taken/${folder}`, { method: "POST", body });
      const all: Taken[] = await answer.json();
      for (const one of all) found.set(one.path, one);
    }
    return found;
  }

  private async makeFolder(folder: string, path: string): Promise<void> {
    await send(`/storage/folder/${folder}`, { method: "POST", body: new URLSearchParams({ path }) });
    this.renew(folder);
  }

  /** figure says how far everything together is. */
  private figure(): void {
    const place = document.querySelector<HTMLElement>("#tray [data-figure]");
    if (place && this.words) place.textContent = this.running.size > 0 ? this.pace.say(this.words) : "";
    if (this.running.size === 0 && this.waiting.length === 0) this.pace.rest();
  }

  private renew(folder: string): void {
    if (folder !== this.folder || !this.arrived) return;
    const last = this.running.size <= 1 && this.waiting.length === 0;
    if (!last && Date.now() - this.renewed < RENEW) return;
    this.renewed = Date.now();
    this.arrived();
  }
}

export const uploads = new Uploads();
