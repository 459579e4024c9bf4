import createClient from "openapi-fetch";
import type { paths } from "./node_modules/.made/schema.ts";

/** What a program does that was written from the description alone: its types come from there. */
export async function work(baseUrl: string, token: string): Promise<void> {
  const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
  const path = "/api/v1/contacts/companies";

  const added = await api.POST(path, { body: { legal_name: "Nordlicht AG", city: "Bergen", country: "NO" } });
  same("add", added.response.status, 201);
  const id = added.data?.id ?? "";
  const read = await api.GET(`${path}/{id}`, { params: { path: { id } } });
  same("read", [read.response.status, read.data?.legal_name, read.data?.city, read.data?.version], [200, "Nordlicht AG", "Bergen", 1]);
  same("location", added.response.headers.get("Location"), `${path}/${id}`);

  const refused = await api.POST(path, { body: { legal_name: "" } });
  same("refusal", [refused.response.status, refused.error?.status, typeof refused.error?.errors?.legal_name], [422, 422, "string"]);
  same("its type", refused.response.headers.get("Content-Type"), "application/problem+json");

  const bulk = await api.POST(`${path}/bulk`, { body: { operations: [
    { op: "create", data: { legal_name: "Aurora AS", country: "NO" } }, { op: "create", data: { legal_name: "Zephyr GmbH", country: "DE" } },
  ] } });
  same("bulk", [bulk.response.status, bulk.data?.results.length], [200, 2]);
  const names: (string | undefined)[] = [];
  for (let cursor: string | undefined; names.length < 10;) {
    const page = await api.GET(path, { params: { query: { limit: 1, sort: "-legal_name", "filter[country]": "NO", ...(cursor ? { cursor } : {}) } } });
    names.push(...(page.data?.data ?? []).map((c) => c.legal_name));
    if (!page.data?.next) break;
    cursor = page.data.next;
  }
  same("list", names, ["Nordlicht AG", "Aurora AS"]);

  const stale = await api.PATCH(`${path}/{id}`, { params: { path: { id }, header: { "If-Match": '"9"' } }, body: { city: "Oslo" } });
  same("a stale change", stale.response.status, 412);
  const match = { "If-Match": read.response.headers.get("ETag") ?? "" };
  const changed = await api.PATCH(`${path}/{id}`, { params: { path: { id }, header: match }, body: { city: "Oslo" } });
  same("change", [changed.response.status, changed.data?.city], [200, "Oslo"]);
  const removed = await api.DELETE(`${path}/{id}`, { params: { path: { id }, header: { "If-Match": changed.response.headers.get("ETag") ?? "" } } });
  same("remove", removed.response.status, 204);
  same("gone", (await api.GET(`${path}/{id}`, { params: { path: { id } } })).response.status, 404);

  const stranger = createClient<paths>({ baseUrl });
  const shut = await stranger.GET(path, {});
  same("no token", [shut.response.status, shut.response.headers.get("WWW-Authenticate")?.startsWith("Bearer ")], [401, true]);
}

function same(what: string, got: unknown, want: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}
