/**
 * What is still on its way, so that it can go on after the page was loaded again. The file itself cannot be kept: it is
 * asked for once more and known again by name, size and time.
 */
export interface Remembered {
  transfer: string;
  folder: string;
  path: string;
  name: string;
  size: number;
  modified: number;
  conflict: "" | "replace" | "keep";
  percent: number;
}

const LIMIT = 50;

export class Memory {
  private readonly key: string;

  /** Each person has an own memory: browsers are shared. */
  constructor(person: string) {
    this.key = `runes.storage.uploads.${person}`;
  }

  all(): Remembered[] {
    try {
      const found: unknown = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(found) ? (found as Remembered[]) : [];
    } catch {
      return [];
    }
  }

  keep(one: Remembered): void {
    this.write([...this.all().filter((other) => other.transfer !== one.transfer), one].slice(-LIMIT));
  }

  forget(transfer: string): void {
    this.write(this.all().filter((one) => one.transfer !== transfer));
  }

  private write(all: Remembered[]): void {
    try {
      if (all.length > 0) localStorage.setItem(this.key, JSON.stringify(all));
      else localStorage.removeItem(this.key);
    } catch {
      // A full or closed store only means that this upload cannot go on after a reload.
    }
  }
}

export function isSame(one: Remembered, file: File): boolean {
  return one.name === file.name && one.size === file.size && one.modified === file.lastModified;
}
