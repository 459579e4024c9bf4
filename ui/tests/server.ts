import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface House {
  address: string;
  /** Its data directory and the file of its master key, for commands beside it. */
  data: string;
  key: string;
  /** Everything the server has written so far. */
  log(): string;
  stop(): Promise<void>;
}

/** The program under test. */
export const binary = process.env.RUNES_BINARY ?? fileURLToPath(new URL("../../bin/runes", import.meta.url));

/** Starts bin/runes on a free port with a data directory of its own and waits until it is ready. */
export async function startHouse(flags: string[], env: Record<string, string> = {}): Promise<House> {
  const data = await mkdtemp(join(tmpdir(), "runes-browser-"));
  const child = spawn(binary, ["serve", "--data", join(data, "d"), "--http", "127.0.0.1:0", ...flags], {
    env: { ...process.env, RUNES_KEY: join(data, "key"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  const address = await new Promise<string>((found, lost) => {
    const read = (chunk: Buffer): void => {
      written += chunk.toString();
      const ready = /"msg":"ready".*?"address":"([^"]+)"/.exec(written);
      if (ready?.[1]) found(ready[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", lost);
    child.on("exit", (code) => lost(new Error(`the server ended with ${code}:\n${written}`)));
  });
  return {
    address,
    data: join(data, "d"),
    key: join(data, "key"),
    log: () => written,
    async stop() {
      const gone = new Promise((done) => child.on("exit", done));
      child.kill("SIGTERM");
      await gone;
      await rm(data, { recursive: true, force: true });
    },
  };
}
