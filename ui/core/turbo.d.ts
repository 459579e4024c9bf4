/** The part of Turbo that the house uses; the package brings no types of its own. */
declare module "@hotwired/turbo" {
  export const config: {
    drive: { progressBarDelay: number };
    forms: { confirm: (question: string, form: HTMLFormElement, submitter: HTMLElement | null) => Promise<boolean> };
  };
  /** Makes the first element like the second and keeps what is the same. */
  export function morphElements(current: Element, next: Element): void;
  export const cache: { clear(): void };
  export function visit(location: string, options?: {
    action?: "advance" | "replace" | "restore";
    /** An answer that has come already is shown instead of asking again. */
    response?: { statusCode: number; redirected: boolean; responseHTML: string };
  }): void;
}
