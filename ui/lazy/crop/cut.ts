/** A square of a picture: its middle in hundredths of width and height, and how much nearer than the largest square it comes. */
export type Cut = { x: number; y: number; zoom: number };

type Size = { width: number; height: number };

/** The square in pixels of the picture. */
export function fit(cut: Cut, of: Size): { left: number; top: number; side: number } {
  const side = Math.min(of.width, of.height) / cut.zoom;
  return { left: cut.x * of.width / 100 - side / 2, top: cut.y * of.height / 100 - side / 2, side };
}

/** The nearest cut whose square lies wholly inside. */
export function inside(cut: Cut, of: Size): Cut {
  const { side } = fit(cut, of);
  const within = (middle: number, length: number): number => {
    const half = 50 * side / length;
    return Math.min(100 - half, Math.max(half, middle));
  };
  return { x: within(cut.x, of.width), y: within(cut.y, of.height), zoom: cut.zoom };
}

/** The cut moved by parts of its own side. */
export function moved(cut: Cut, of: Size, right: number, down: number): Cut {
  const { side } = fit(cut, of);
  return { x: cut.x + 100 * right * side / of.width, y: cut.y + 100 * down * side / of.height, zoom: cut.zoom };
}
