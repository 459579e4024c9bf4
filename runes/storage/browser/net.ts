/** The few requests that are no page visits: parts of a page, and forms that scripts fill. */

export function csrf(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
}

/** part fetches HTML and gives it as a document, so that nothing of it runs. */
export async function part(href: string): Promise<Document | null> {
  const answer = await fetch(href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** submit posts fields as a form of the page would: Turbo follows where it leads. */
export function submit(action: string, fields: [string, string][], options: { turbo?: boolean } = {}): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  form.hidden = true;
  if (options.turbo === false) form.dataset.turbo = "false";
  for (const [name, value] of [["csrf", csrf()] as [string, string], ...fields]) form.append(hidden(name, value));
  document.body.append(form);
  form.requestSubmit();
  setTimeout(() => form.remove(), 0);
}

export function hidden(name: string, value: string): HTMLInputElement {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  return input;
}
