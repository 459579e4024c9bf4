import { copyOf, find, write } from "runes";
import type { Words } from "../words.ts";
import { size } from "./pace.ts";
import type { Conflict } from "./transfer.ts";

/** A name that is taken on the server. */
export interface Taken {
  path: string;
  name: string;
  folder: boolean;
  size: string;
  modified: string;
}

export interface Clash {
  file: File;
  there: Taken;
}

type Answer = Exclude<Conflict, ""> | "skip";

/** One question after the other, also when two drops ask at once. */
let turn: Promise<unknown> = Promise.resolve();

/** askConflict asks what to do with each file whose name is taken: replace, keep both or skip, once or for all. */
export function askConflict(clashes: Clash[], words: Words): Promise<Map<File, Answer>> {
  const asked = turn.then(() => askAll(clashes, words));
  turn = asked.catch(() => undefined);
  return asked;
}

async function askAll(clashes: Clash[], words: Words): Promise<Map<File, Answer>> {
  const answers = new Map<File, Answer>();
  let all: Answer | null = null;
  for (const [at, clash] of clashes.entries()) {
    if (all && !(all === "replace" && clash.there.folder)) {
      answers.set(clash.file, all);
      continue;
    }
    const said = await askOne(clash, clashes.length - at - 1, words);
    answers.set(clash.file, said.answer);
    if (said.forAll) all = said.answer;
  }
  return answers;
}

function askOne(clash: Clash, more: number, words: Words): Promise<{ answer: Answer; forAll: boolean }> {
  const dialog = copyOf(find(document, "template[data-storage-conflict]", HTMLTemplateElement));
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve({ answer: "skip", forAll: true });
  const { file, there } = clash;
  write(dialog, "[data-title]", words.say("conflict_title", { name: there.name }));
  write(dialog, "[data-text]", words.say(there.folder ? "conflict_folder" : "conflict_text"));
  write(dialog, "[data-old]", `${there.modified}, ${there.size}`);
  write(dialog, "[data-new]", `${new Date(file.lastModified).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" })}, ${size(file.size, words)}`);
  const label = find(dialog, "[data-for-all]", HTMLElement);
  if (label) label.hidden = more === 0;
  write(dialog, "[data-for-all] span", words.count("for_all", more));
  const replace = find(dialog, "button[value=replace]", HTMLButtonElement);
  if (replace) replace.hidden = there.folder;
  document.body.append(dialog);
  dialog.showModal();
  find(dialog, "button[value=keep]", HTMLButtonElement)?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const forAll = find(dialog, "[data-for-all] input", HTMLInputElement)?.checked ?? false;
      dialog.remove();
      const said = dialog.returnValue;
      resolve({ answer: said === "replace" || said === "keep" ? said : "skip", forAll });
    });
  });
}
