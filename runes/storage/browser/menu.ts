/** The menu of one or several things: at the pointer, at the button that asked for it, or a sheet on small screens. */
export class Menu {
  private about: string[] = [];
  private opener: HTMLElement | null = null;

  constructor(private readonly menu: HTMLElement, private readonly act: (name: string, ids: string[]) => void) {
    menu.addEventListener("click", (event) => {
      const item = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-act]") : null;
      if (!item?.dataset.act) return;
      menu.hidePopover();
      this.act(item.dataset.act, this.about);
    });
    menu.addEventListener("keydown", (event) => this.move(event));
    menu.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState === "closed") this.opener?.focus({ preventScroll: true });
    });
  }

  open(about: string[], title: string, at: { x: number; y: number }, opener: HTMLElement | null, single: boolean): void {
    if (this.menu.matches(":popover-open")) this.menu.hidePopover();
    this.about = about;
    this.opener = opener;
    const heading = this.menu.querySelector<HTMLElement>("[data-menu-title]");
    if (heading) heading.textContent = title;
    for (const name of ["open", "details", "rename"]) {
      const item = this.menu.querySelector<HTMLElement>(`[data-act=${name}]`);
      if (item) item.hidden = !single;
    }
    this.menu.showPopover();
    const size = this.menu.getBoundingClientRect();
    const x = Math.max(8, Math.min(at.x, innerWidth - size.width - 8));
    const y = at.y + size.height > innerHeight - 8 ? Math.max(8, at.y - size.height) : at.y;
    this.menu.style.setProperty("--x", `${x}px`);
    this.menu.style.setProperty("--y", `${y}px`);
    this.items()[0]?.focus({ preventScroll: true });
  }

  private items(): HTMLElement[] {
    return [...this.menu.querySelectorAll<HTMLElement>("[role=menuitem]:not([hidden])")];
  }

  private move(event: KeyboardEvent): void {
    const items = this.items();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: (at + 1) % items.length, ArrowUp: (at + items.length - 1) % items.length, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Tab") this.menu.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    items[to]?.focus();
  }
}
