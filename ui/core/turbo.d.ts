/** The part of Turbo that the house uses; the package brings no types of its own. */
declare module "@hotwired/turbo" {
  export const config: {
    drive: { progressBarDelay: number };
    forms: { confirm: (question: string, form: HTMLFormElement, submitter: HTMLElement | null) => Promise<boolean> };
  };
  /** Makes the first element like the second and keeps what is the same. */
  export function morphElements(current: Element, next: Element): void;
  export const cache: { clear(): void };
  /** One page switch under way. */
  export interface Visit {
    action: string;
    state: string;
    response?: unknown;
    render(show: () => Promise<void>): Promise<void>;
    cancelRender(): void;
  }
  /** A page that Turbo keeps; element is its body. */
  export interface Snapshot {
    element: HTMLElement;
    isCacheable: boolean;
    clone(): Snapshot;
  }
  export const PageSnapshot: {
    fromDocument(page: Document): Snapshot;
    fromHTMLString(html?: string): Snapshot;
  };
  export const session: {
    adapter: { visitStarted(visit: Visit): void };
    view: {
      snapshot: Snapshot;
      snapshotCache: { put(location: URL, snapshot: Snapshot): void };
      delegate: { viewWillCacheSnapshot(): void };
      lastRenderedLocation: URL;
      clearSnapshotCache(): void;
      cacheSnapshot(snapshot?: Snapshot): Promise<Snapshot | undefined>;
      getCachedSnapshotForLocation(location: URL): Snapshot | undefined;
    };
  };
  export function visit(location: string, options?: {
    action?: "advance" | "replace" | "restore";
    /** An answer that has come already is shown instead of asking again. */
    response?: { statusCode: number; redirected: boolean; responseHTML: string };
  }): void;
}
