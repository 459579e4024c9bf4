// Starts the built program on an empty directory, lints what it says about its API, generates a client from that and
// lets it work. Exits with 1 when anything is wrong.
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import openapiTS, { astToString } from "openapi-typescript";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const made = join(here, "node_modules/.made");
const binary = process.env.RUNES_BINARY ?? join(here, "../../bin/runes");
const dir = await mkdtemp(join(tmpdir(), "runes-api-"));
const env = { ...process.env, RUNES_DATA: join(dir, "data"), RUNES_KEY: join(dir, "key") };

/** A command of the program; stdin is the password where one is asked for. */
async function runes(...args) {
  const command = run(binary, args, { env });
  command.child.stdin.end("a long enough password");
  return (await command).stdout.trim();
}

async function serve() {
  const child = spawn(binary, ["serve", "--http", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "pipe"] });
  let written = "";
  const address = await new Promise((found, lost) => {
    const read = (chunk) => {
      written += chunk.toString();
      const ready = /"msg":"ready".*?"address":"([^"]+)"/.exec(written);
      if (ready) found(ready[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => lost(new Error(`the server ended with ${code}:\n${written}`)));
  });
  return { address, stop: () => new Promise((done) => { child.on("exit", done); child.kill("SIGTERM"); }) };
}

async function lint(text) {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source: text, absoluteRef: join(made, "openapi.json"), config });
  for (const p of problems) console.log(`${p.severity}: ${p.ruleId}: ${p.location[0]?.pointer ?? ""}: ${p.message}`);
  const errors = problems.filter((p) => p.severity === "error").length;
  console.log(`linter: ${errors} errors, ${problems.length - errors} warnings`);
  if (errors > 0) process.exitCode = 1;
}

await runes("setup", "--company", "Acme", "--slug", "acme", "--email", "ada@acme.example", "--name", "Ada", "--password-file", "-");
const token = await runes("user", "api-token", "--tenant", "acme", "--email", "ada@acme.example", "--scope", "manage_contacts");
const server = await serve();
try {
  const answer = await fetch(`${server.address}/api/openapi.json`, { headers: { Authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the description: ${answer.status} ${text}`);
  await mkdir(made, { recursive: true });
  await writeFile(join(made, "openapi.json"), text);
  await lint(text);
  await writeFile(join(made, "schema.ts"), astToString(await openapiTS(JSON.parse(text))));
  await run(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "-p", here]).catch((e) => { throw new Error(`the generated client does not fit:\n${e.stdout}`); });
  const { work } = await import(join(made, "out/client.js"));
  await work(server.address, token);
  console.log("client: a company was added, read, listed, changed and removed");
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}
