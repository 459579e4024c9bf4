import { cache, config } from "@hotwired/turbo";
import { find, findAll } from "./dom.ts";
import { setOffline, tune } from "./live.ts";
import { isTheme, wear } from "./theme.ts";
import { trade } from "./trade.ts";
import { showFlash } from "../parts/toast/part.ts";
import { ask } from "../parts/modal/part.ts";

let shown = location.pathname;
let isFirst = true;

interface Render {
  newBody: HTMLElement;
  renderMethod: "replace" | "morph";
  render: (open: HTMLElement, other: HTMLElement) => void;
}

/** What a page switch needs beyond Turbo: theme, focus, arrival, a clean snapshot and no private pages after sign-out. */
export function startNavigation(): void {
  config.drive.progressBarDelay = 300;
  config.forms.confirm = ask;
  document.addEventListener("turbo:before-render", beforeRender);
  document.addEventListener("turbo:before-cache", leaveClean);
  document.addEventListener("turbo:load", arrive);
  document.addEventListener("turbo:render", () => find(document, '[aria-invalid="true"]', HTMLElement)?.focus());
  // What is shown once, like the link of an invitation, is the answer to its form: there is no address to lead to.
  document.addEventListener("turbo:submit-start", (event) => {
    if (event instanceof CustomEvent) event.detail.formSubmission.mustRedirect = false;
  });
  document.addEventListener("turbo:fetch-request-error", () => setOffline(true));
  document.addEventListener("turbo:before-fetch-response", () => setOffline(false));
}

function beforeRender(event: Event): void {
  if (!(event instanceof CustomEvent)) return;
  const detail: Render = event.detail;
  const { newBody, render } = detail;
  const { theme, density, letters } = newBody.dataset;
  Object.assign(document.documentElement.dataset, { density: density ?? "", letters: letters ?? "" });
  if (isTheme(theme)) wear(theme);
  // A page that is shown again (a form with problems, a preview made whole) does not arrive a second time.
  const isSamePage = location.pathname === shown || document.documentElement.hasAttribute("data-turbo-preview");
  if (isSamePage) find(newBody, ".animate-in", HTMLElement)?.classList.remove("animate-in");
  if (detail.renderMethod === "morph") return;
  detail.render = (open, other) => {
    leaveClean(); // nobody kept this page if it came to an end with a form
    if (!trade(open, other)) render(open, other);
  };
}

/** Open layers and said things must not come back with the Back button. */
function leaveClean(): void {
  for (const dialog of findAll(document, "dialog[open]", HTMLDialogElement)) dialog.close();
  for (const layer of findAll(document, "[popover]:popover-open", HTMLElement)) layer.hidePopover();
  for (const busy of findAll(document, ".btn[aria-busy]", HTMLElement)) busy.removeAttribute("aria-busy");
  find(document, ".animate-in", HTMLElement)?.classList.remove("animate-in");
}

function arrive(): void {
  shown = location.pathname;
  if (document.body.classList.contains("bare")) {
    cache.clear();
  }
  tune();
  showFlash();
  if (!isFirst) focusTitle();
  isFirst = false;
}

/** The focus goes to the title, so that a screen reader says it; a field that asks for the focus comes first. */
function focusTitle(): void {
  const wanted = find(document, "[autofocus]", HTMLElement);
  const title = find(document, "h1", HTMLElement);
  if (wanted) return wanted.focus();
  if (!title) return;
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
}
