/** Long forms (data-saves) show their end while there is something to save. */
export function startChanges(): void {
  document.addEventListener("input", (event) => {
    if (event.target instanceof Element) event.target.closest("form[data-saves]")?.setAttribute("data-changed", "");
  });
  document.addEventListener("reset", (event) => {
    if (event.target instanceof Element) event.target.removeAttribute("data-changed");
  });
}
