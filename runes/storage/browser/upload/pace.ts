import type { Words } from "../words.ts";

/** How far all uploads together are, and how long they will still take at the speed of the last seconds. */
export class Pace {
  private all = 0;
  private done = 0;
  private marks: { at: number; done: number }[] = [];

  expect(bytes: number): void {
    this.all += bytes;
  }

  sent(bytes: number): void {
    this.done += bytes;
    const now = Date.now();
    this.marks.push({ at: now, done: this.done });
    while (this.marks.length > 2 && now - (this.marks[0]?.at ?? now) > 8000) this.marks.shift();
  }

  rest(): void {
    this.all = this.done = 0;
    this.marks = [];
  }

  say(words: Words): string {
    const done = size(this.done, words);
    const all = size(this.all, words);
    const first = this.marks[0];
    const last = this.marks.at(-1);
    const seconds = first && last ? (last.at - first.at) / 1000 : 0;
    const speed = first && last && seconds > 1 ? (last.done - first.done) / seconds : 0;
    if (speed <= 0) return words.say("of", { done, all });
    const left = Math.ceil((this.all - this.done) / speed);
    const time = left < 90 ? words.say("seconds", { n: left }) : words.say("minutes", { n: Math.round(left / 60) });
    return words.say("left", { done, all, time });
  }
}

/** size is a number of bytes in units of 1,000, as the server writes it. */
export function size(bytes: number, words: Words): string {
  if (bytes < 1000) return words.say("bytes", { n: bytes });
  const units = ["KB", "MB", "GB", "TB"];
  let amount = bytes / 1000;
  let unit = 0;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  const digits = amount >= 99.5 ? 0 : 1;
  return `${amount.toLocaleString(globalThis.document?.documentElement.lang ?? "en", { maximumFractionDigits: digits })} ${units[unit]}`;
}
