import { findAll } from "./dom.ts";
import { csrf, send } from "./send.ts";

export type Theme = "light" | "dark" | "system";

/** Wears the theme at once; the server keeps it, so that the next page arrives in it without a flash. */
export function wear(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  document.body.dataset.theme = theme;
  for (const button of findAll(document, "[data-theme-form] button", HTMLButtonElement)) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

export async function changeTheme(theme: Theme): Promise<void> {
  wear(theme);
  await send("/preferences/theme", { method: "POST", body: new URLSearchParams({ theme, csrf: csrf() }) });
}

export function isTheme(value: string | undefined): value is Theme {
  return value === "light" || value === "dark" || value === "system";
}

export function startTheme(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target : null;
    const theme = event.submitter instanceof HTMLButtonElement ? event.submitter.value : undefined;
    if (!form || !("themeForm" in form.dataset) || !isTheme(theme)) return;
    event.preventDefault();
    event.stopPropagation();
    void changeTheme(theme).catch(() => undefined); // send has shown the failure
  }, true);
}
