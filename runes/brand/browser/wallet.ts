/** The size of a card in a wallet, twice as fine as a screen shows it. */
const width = 1012, height = 638, margin = 64;

/** Saves one's card as a picture, drawn from what the preview shows and its code: for a phone's photos, or to print. */
export class Wallet extends HTMLElement {
  connectedCallback(): void {
    this.hidden = false;
    this.querySelector("button")?.addEventListener("click", () => void this.save());
  }

  private async save(): Promise<void> {
    const face = document.querySelector(".brand-face");
    const code = document.querySelector(".brand-codes img");
    if (!face || !(code instanceof HTMLImageElement)) return;
    await code.decode();
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    if (!pen) return;
    const look = getComputedStyle(document.documentElement);
    const font = (size: number, weight: number) => `${weight} ${size}px ${look.getPropertyValue("--font")}`;
    const room = width - 3 * margin - 240; // beside the code
    const write = (text: string, y: number, size: number, weight: number, colour: string) => {
      pen.fillStyle = colour;
      for (let fit = size; ; fit--) {
        pen.font = font(fit, weight);
        if (pen.measureText(text).width <= room || fit <= 16) break;
      }
      pen.fillText(text, margin, y, room);
    };
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = look.getPropertyValue("--brand").trim() || "#000";
    pen.fillRect(0, 0, 20, height);
    const lines = (selector: string) => [...face.querySelectorAll<HTMLElement>(selector)].flatMap((e) => e.innerText.split("\n")).map((t) => t.trim()).filter(Boolean);
    let y = margin + 48;
    for (const name of lines(".brand-name")) write(name, y, 56, 660, "#14151f");
    for (const text of lines(":scope > .soft")) write(text, y += 48, 30, 450, "#454757");
    y += 24;
    for (const text of lines(".brand-contact :is(a, li > span:not(.sr))")) write(text, y += 44, 28, 450, "#14151f");
    pen.drawImage(code, width - margin - 240, height - margin - 240, 240, 240);
    const picture = await new Promise<Blob | null>((done) => { canvas.toBlob(done, "image/png"); });
    if (!picture) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(picture);
    link.download = this.dataset.file ?? "card.png";
    link.click();
    setTimeout(() => { URL.revokeObjectURL(link.href); }, 10_000);
  }
}
