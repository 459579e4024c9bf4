const place = "runes.recent";
const most = 4;

/** What was chosen last in the palette, newest first, in this browser only. */
export function recall(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === "string").slice(0, most) : [];
  } catch {
    return []; // a browser without storage has no recents
  }
}

export function remember(id: string): void {
  try {
    localStorage.setItem(place, JSON.stringify([id, ...recall().filter((other) => other !== id)].slice(0, most)));
  } catch {
    return; // as above
  }
}
