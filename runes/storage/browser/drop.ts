/** A file with the folders it lies in: "Photos/Basel/01.jpg". A path that ends in a slash is an empty folder. */
export interface Found {
  path: string;
  file: File | null;
}

/** Files dropped from the desktop anywhere on the page. */
export function dropping(frame: HTMLElement, signal: AbortSignal, take: (found: Promise<Found[]>) => void): void {
  const ours = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  let depth = 0;
  const show = (on: boolean) => {
    if (!on) depth = 0;
    frame.hidden = !on;
  };
  document.addEventListener("dragenter", (event) => {
    if (!ours(event)) return;
    depth++;
    show(true);
  }, { signal });
  document.addEventListener("dragleave", (event) => {
    if (ours(event) && --depth <= 0) show(false);
  }, { signal });
  document.addEventListener("dragover", (event) => {
    if (!ours(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  }, { signal });
  document.addEventListener("drop", (event) => {
    if (!ours(event) || !event.dataTransfer) return;
    event.preventDefault();
    show(false);
    take(unpack(event.dataTransfer));
  }, { signal });
}

/** chosen is what a file input holds; a folder input knows the path of each file. */
export function chosen(input: HTMLInputElement): Found[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** unpack walks into dropped folders. The entries must be taken before the event ends. */
function unpack(data: DataTransfer): Promise<Found[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...data.files];
  return (async () => {
    const found: Found[] = [];
    for (const entry of entries) if (entry) await walk(entry, "", found);
    // A browser without entries, or a test that made the transfer itself.
    return found.length > 0 ? found : files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  })();
}

async function walk(entry: FileSystemEntry, folder: string, found: Found[]): Promise<void> {
  const path = folder + entry.name;
  if (isFile(entry)) {
    const file = await new Promise<File>((yes, no) => entry.file(yes, no));
    found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  let empty = true;
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((yes, no) => reader.readEntries(yes, no));
    if (some.length === 0) break;
    empty = false;
    for (const one of some) await walk(one, `${path}/`, found);
  }
  if (empty) found.push({ path: `${path}/`, file: null });
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
