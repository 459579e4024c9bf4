const most = 6;

/** What was chosen last in the palette, newest first: ids only, of this person in this browser. */
export function recall(person: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place(person)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === "string").slice(0, most) : [];
  } catch {
    return []; // a browser without storage has no recents
  }
}

export function remember(person: string, id: string): void {
  try {
    localStorage.setItem(place(person), JSON.stringify([id, ...recall(person).filter((other) => other !== id)].slice(0, most)));
  } catch {
    return; // as above
  }
}

function place(person: string): string {
  return `runes.recent.${person}`;
}
