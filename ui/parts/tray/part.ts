import { copyOf, find, write } from "../../core/dom.ts";

/** One file on its way. The script that uploads it calls the methods of the row. */
export interface Upload {
  /** Part of the way, 0 to 1. */
  progress(part: number): void;
  done(note: string): void;
  failed(sentence: string, retry?: () => void): void;
}

let running = 0;
let finished = 0;
let failures = 0;

/** Adds a row to the tray; null when the page has none. cancel is called when the person gives the file up. */
export function tray(name: string, cancel: () => void): Upload | null {
  const box = document.getElementById("tray");
  const row = box ? copyOf(find(box, "template[data-row]", HTMLTemplateElement)) : null;
  if (!box || !row) return null;
  if (running === 0 && box.hidden) [finished, failures] = [0, 0];
  if (!box.dataset.ready) prepare(box);
  write(row, "[data-name]", name);
  box.querySelector("[data-rows]")?.append(row);
  box.hidden = false;
  running++;
  title(box);
  return rowOf(box, row, cancel);
}

function rowOf(box: HTMLElement, row: HTMLElement, cancel: () => void): Upload {
  const bar = find(row, "progress", HTMLProgressElement);
  let isRunning = true;
  const stop = (): void => {
    if (isRunning) running--;
    isRunning = false;
  };
  part(row, "[data-cancel]").onclick = () => {
    stop();
    row.remove();
    cancel();
    title(box);
  };
  return {
    progress(share) {
      if (bar) bar.value = Math.round(share * 100);
      write(row, "[data-percent]", `${Math.round(share * 100)}%`);
    },
    done(note) {
      stop();
      finished++;
      row.classList.add("uploaded");
      settle(row, note);
      part(row, "[data-note]").className = "okt";
      part(row, "[data-ok]").hidden = false;
      part(row, "[data-cancel]").hidden = true;
      title(box);
    },
    failed(sentence, retry) {
      stop();
      failures++;
      row.classList.add("failed");
      settle(row, sentence);
      if (retry) offerRetry(row, () => {
        failures--;
        row.remove();
        retry();
        title(box);
      });
      title(box);
    },
  };
}

/** Bar and figure give way to a sentence. */
function settle(row: HTMLElement, sentence: string): void {
  part(row, "progress").hidden = true;
  write(row, "[data-percent]", "");
  write(row, "[data-note]", sentence);
  part(row, "[data-note]").hidden = false;
}

function offerRetry(row: HTMLElement, again: () => void): void {
  part(row, "[data-retry]").hidden = false;
  part(row, "[data-retry]").onclick = again;
}

function part(row: HTMLElement, selector: string): HTMLElement {
  return find(row, selector, HTMLElement) ?? document.createElement("span");
}

function title(box: HTMLElement): void {
  const words = box.dataset;
  const say = (n: number, one: string | undefined, other: string | undefined): string => (n === 1 ? one : other?.replace("{n}", String(n))) ?? "";
  const text = running > 0 ? say(running, words.runningOne, words.running)
    : failures > 0 ? say(failures, words.failedOne, words.failed) : say(finished, words.doneOne, words.done);
  write(box, "[data-title]", text);
  part(box, "[data-dismiss]").hidden = running > 0;
  if (running === 0 && finished === 0 && failures === 0) box.hidden = true;
}

function prepare(box: HTMLElement): void {
  box.dataset.ready = "1";
  part(box, "[data-fold]").addEventListener("click", () => {
    const isFolded = box.classList.toggle("folded");
    part(box, "[data-fold]").setAttribute("aria-expanded", String(!isFolded));
  });
  part(box, "[data-dismiss]").addEventListener("click", () => {
    box.hidden = true;
    box.querySelector("[data-rows]")?.replaceChildren();
  });
}
