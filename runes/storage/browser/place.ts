import { send } from "runes";

/** The folder picker opens branches in place; without script each branch is a page. */
export function startPlaces(): void {
  document.addEventListener("click", (event) => {
    const turn = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-open-branch]") : null;
    if (!turn) return;
    event.preventDefault();
    event.stopPropagation();
    void toggle(turn);
  }, { capture: true });
}

async function toggle(turn: HTMLAnchorElement): Promise<void> {
  const twig = turn.closest("li");
  if (!twig) return;
  const open = twig.querySelector<HTMLElement>(":scope > ul");
  if (open) {
    open.hidden = !open.hidden;
    turn.setAttribute("aria-expanded", String(!open.hidden));
    return;
  }
  const answer = await send(turn.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const branch = page.querySelector(`input[name=to][value="${CSS.escape(turn.dataset.openBranch ?? "")}"]`)?.closest("li")?.querySelector(":scope > ul");
  if (!branch) return;
  for (const input of branch.querySelectorAll("input")) input.checked = false;
  twig.append(document.adoptNode(branch));
  turn.setAttribute("aria-expanded", "true");
}
