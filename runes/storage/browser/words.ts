/** The sentences a page brought along for its script. */
export class Words {
  private readonly plural: Intl.PluralRules;

  constructor(private readonly texts: Record<string, string>, lang: string) {
    this.plural = new Intl.PluralRules(lang);
  }

  static of(element: HTMLElement): Words {
    const texts: Record<string, string> = JSON.parse(element.dataset.words ?? "{}");
    return new Words(texts, document.documentElement.lang || "en");
  }

  /** say is the text of key with its places {name} filled. */
  say(key: string, values: Record<string, string | number> = {}): string {
    return fill(this.texts[key] ?? key, values);
  }

  /** count is say in the form that belongs to n: the texts are key_one and key_other. */
  count(key: string, n: number, values: Record<string, string | number> = {}): string {
    const form = this.plural.select(n) === "one" ? "one" : "other";
    return this.say(`${key}_${form}`, { n: n.toLocaleString(document.documentElement.lang), ...values });
  }
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
