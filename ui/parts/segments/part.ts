import { findAll, within } from "../../core/dom.ts";

/** Arrows move between the places of a track; Enter goes there, as with any link. */
export function startSegments(): void {
  document.addEventListener("keydown", (event) => {
    const track = within(event, ".seg", HTMLElement);
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!track || step === 0) return;
    const places = findAll(track, "a, button", HTMLElement);
    const active = document.activeElement;
    const at = places.findIndex((p) => p === active);
    event.preventDefault();
    places[(at + step + places.length) % places.length]?.focus();
  });
}
