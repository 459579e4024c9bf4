import { csrf } from "runes";
import { Sha256 } from "./sha256.ts";

/** What to do where a name is taken: ask (nothing), keep the old content as a version, or take another name. */
export type Conflict = "" | "replace" | "keep";

export interface Job {
  folder: string;
  path: string;
  file: File;
  conflict: Conflict;
  transfer: string; // number of an upload begun earlier, "" for a new one
}

/** A refusal of the server in words for a person. taken tells of a name that somebody else took meanwhile. */
export class Refused extends Error {
  constructor(readonly sentence: string, readonly status: number, readonly again: boolean) {
    super(sentence);
  }

  get taken(): boolean {
    return this.status === 409;
  }
}

/** PIECE is how much goes in one request: a whole small file, or a part of a large one. */
export const PIECE = 8 << 20;
const SLICE = 1 << 20;
const PATIENCE = [500, 2000, 6000];

export interface Watch {
  signal: AbortSignal;
  sent: (bytes: number) => void;
  begun: (transfer: string) => void;
}

/** upload brings one file to the server and returns when it is there, whole and checked. */
export async function upload(job: Job, watch: Watch): Promise<void> {
  if (job.file.size <= PIECE && !job.transfer) {
    await whole(job, watch);
    return;
  }
  await pieces(job, watch);
}

async function whole(job: Job, watch: Watch): Promise<void> {
  const query = new URLSearchParams({ path: job.path, modified: String(job.file.lastModified), conflict: job.conflict, sha256: await sum(job.file) });
  await stubborn(watch, () => send("PUT", `/storage/upload/${job.folder}?${query}`, job.file, watch, 0));
}

async function pieces(job: Job, watch: Watch): Promise<void> {
  let transfer = job.transfer;
  let there = new Set<number>();
  if (transfer) {
    const known = await stubborn(watch, () => send("GET", `/storage/transfer/${transfer}`, null, watch, 0)).catch((e: unknown) => {
      if (e instanceof Refused && e.status === 404) return null;
      throw e;
    });
    if (known) there = new Set(known.pieces);
    else transfer = "";
  }
  if (!transfer) {
    const begin = new URLSearchParams({ folder: job.folder, path: job.path, size: String(job.file.size), conflict: job.conflict });
    transfer = (await stubborn(watch, () => send("POST", "/storage/transfer", begin, watch, 0))).transfer ?? "";
    watch.begun(transfer);
  }
  const hash = new Sha256();
  for (let number = 0, at = 0; at < job.file.size; number++, at += PIECE) {
    const piece = job.file.slice(at, at + PIECE);
    await feed(hash, piece, watch.signal);
    if (!there.has(number)) await stubborn(watch, () => send("PUT", `/storage/transfer/${transfer}/${number}`, piece, watch, at));
    watch.sent(at + piece.size);
  }
  const end = new URLSearchParams({ folder: job.folder, path: job.path, conflict: job.conflict, modified: String(job.file.lastModified), sha256: hash.hex() });
  await stubborn(watch, () => send("POST", `/storage/transfer/${transfer}/finish`, end, watch, job.file.size));
}

async function sum(file: File): Promise<string> {
  const hash = new Sha256();
  await feed(hash, file, new AbortController().signal);
  return hash.hex();
}

/** feed sums up in small bites, so that the page stays quick. */
async function feed(hash: Sha256, blob: Blob, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < blob.size; at += SLICE) {
    signal.throwIfAborted();
    hash.add(new Uint8Array(await blob.slice(at, at + SLICE).arrayBuffer()));
  }
}

/** stubborn tries again when the network broke; a refusal is final. */
async function stubborn<T>(watch: Watch, attempt: () => Promise<T>): Promise<T> {
  for (const wait of PATIENCE) {
    try {
      return await attempt();
    } catch (e) {
      if (!(e instanceof Refused) || !e.again || watch.signal.aborted) throw e;
      await new Promise((done) => setTimeout(done, wait));
    }
  }
  return attempt();
}

export interface Answer {
  transfer?: string;
  pieces?: number[];
  error?: string;
}

/** send is a request with progress, which fetch does not have. */
function send(method: string, href: string, body: XMLHttpRequestBodyInit | null, watch: Watch, before: number): Promise<Answer> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    watch.signal.addEventListener("abort", stop);
    request.open(method, href);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    if (method !== "GET") request.setRequestHeader("X-CSRF-Token", csrf());
    if (body instanceof Blob) {
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.onprogress = (event) => watch.sent(before + event.loaded);
    }
    request.onloadend = () => {
      watch.signal.removeEventListener("abort", stop);
      const answer: Answer = request.response ?? {};
      if (request.status >= 200 && request.status < 300) done(answer);
      else if (watch.signal.aborted) fail(new DOMException("stopped", "AbortError"));
      else fail(new Refused(answer.error ?? "", request.status, request.status === 0 || request.status === 502 || request.status === 503));
    };
    request.send(body);
  });
}
