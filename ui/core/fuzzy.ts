/** Where the letters of a search stand in a text, and how good the match is. */
export interface Match {
  score: number;
  at: number[];
}

/** Small letters without accents, so that "muller" finds "Müller". One letter stays one letter. */
export function plain(text: string): string {
  return [...text].map((c) => c.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().slice(0, 1) || c).join("");
}

/** Finds every letter of what in order inside text; null when one is missing. Starts of words and runs count more. */
export function fuzzy(what: string, text: string): Match | null {
  const needle = [...plain(what)].filter((c) => c !== " ");
  const hay = [...plain(text)];
  if (needle.length === 0) return { score: 0, at: [] };
  const run = together(needle, hay);
  const apart = scattered(needle, hay);
  return run && apart && run.score < apart.score ? apart : run ?? apart;
}

/** All letters side by side: best at the start of the text, then at the start of a word. */
function together(needle: string[], hay: string[]): Match | null {
  const starts = hay.flatMap((_, n) => (needle.every((letter, k) => hay[n + k] === letter) ? [n] : []));
  const first = starts.find((n) => isStart(hay, n)) ?? starts[0];
  if (first === undefined) return null;
  const place = first === 0 ? 180 : isStart(hay, first) ? 150 : 6 * needle.length + 4;
  return { score: place - hay.length / 100, at: needle.map((_, n) => first + n) };
}

function scattered(needle: string[], hay: string[]): Match | null {
  const at: number[] = [];
  let score = 0;
  let from = 0;
  for (const letter of needle) {
    const next = nextPlace(letter, hay, from);
    if (next < 0) return null;
    score += isStart(hay, next) ? 10 : next === (at.at(-1) ?? -2) + 1 ? 6 : 1;
    at.push(next);
    from = next + 1;
  }
  return { score: score - hay.length / 100, at };
}

/** The next start of a word with that letter if there is one close by, else the next place at all. */
function nextPlace(letter: string, hay: string[], from: number): number {
  const first = hay.indexOf(letter, from);
  for (let n = first; n >= 0; n = hay.indexOf(letter, n + 1)) {
    if (n === from || isStart(hay, n)) return n;
  }
  return first;
}

function isStart(hay: string[], n: number): boolean {
  return n === 0 || /[\s/\-_.,&]/.test(hay[n - 1] ?? "");
}
