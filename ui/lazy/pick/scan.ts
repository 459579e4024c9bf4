/** A token in a text: from the first bracket to behind the last one. */
export interface Token {
  from: number;
  to: number;
  name: string;
}

/** How much may stand between the brackets; the server reads them by the same rule. */
const most = 120;

/** Every token of a text, by the rule of the server: brackets and line breaks end it. */
export function tokensIn(text: string): Token[] {
  const found: Token[] = [];
  for (let at = text.indexOf("[["); at >= 0;) {
    const end = text.slice(at + 2, at + 4 + most).search(/[[\]\r\n]/);
    const close = at + 2 + end;
    const name = end < 0 ? "" : text.slice(at + 2, close).trim().toLowerCase();
    if (name && text.startsWith("]]", close)) {
      found.push({ from: at, to: close + 2, name });
      at = text.indexOf("[[", close + 2);
    } else at = text.indexOf("[[", at + 1);
  }
  return found;
}

/** The token that is being written at the caret: where it begins and what stands in it so far. */
export function writingAt(text: string, caret: number): { from: number; typed: string } | null {
  const from = text.lastIndexOf("[[", caret - 1);
  if (from < 0 || from + 2 > caret) return null;
  const typed = text.slice(from + 2, caret);
  return /[[\]\r\n]/.test(typed) || typed.length > 60 ? null : { from, typed: typed.trim() };
}

/** The text with a token from `from` on, instead of what was written of it, and where the caret goes. */
export function putToken(text: string, from: number, caret: number, name: string): { text: string; caret: number } {
  const rest = /^[^[\]\r\n]{0,120}\]\]/.exec(text.slice(caret));
  const token = `[[ ${name} ]]`;
  return { text: text.slice(0, from) + token + text.slice(caret + (rest ? rest[0].length : 0)), caret: from + token.length };
}
