import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { type Access, accessOf } from "../access/access.ts";
import type { ApiKey } from "../access/api-keys.ts";
import { EventStream } from "../events/event-stream.ts";
import { createWebApp } from "./web-app.ts";
import { WebState } from "./web-state.ts";

/** Of every route that the application has, from whatever table, and not from any list of them: who may call it. */

const KEYS: readonly ApiKey[] = [
  { role: "admin", key: "an-admin-key-of-the-test" },
  { role: "wallet", key: "a-wallet-key-of-the-test" },
  { role: "public", key: "a-public-key-of-the-test" },
];
const LISTED = /^\/api\/(admin|wallet)(\/|$)/;
/** What may be written to without a key: it decodes, looks up, or passes on what was signed elsewhere. */
const OPEN_WRITES: readonly string[] = [
  "POST /api/v1/addresses/batch",
  "POST /api/v1/messages/verify",
  "POST /api/v1/transactions/broadcast",
  "POST /api/v1/transactions/decode",
  "POST /api/v1/transactions/package",
  "POST /api/v1/transactions/test",
  "POST /api/v1/transactions/trace",
  "POST /api/v1/watch/addresses",
  "POST /api/v1/watch/balance",
  "POST /api/v1/watch/history",
  "POST /api/v1/watch/psbt",
  "POST /api/v1/watch/psbt/finalize",
  "POST /api/v1/watch/utxos",
  "POST /esplora/tx",
  "POST /esplora/txs/package",
];

interface Call {
  readonly method: string;
  readonly path: string;
}

const apps: FastifyInstance[] = [];
let app: FastifyInstance;
let closed: FastifyInstance;
beforeAll(async () => {
  app = await appOf(false);
  closed = await appOf(true);
});
afterAll(() => Promise.all(apps.map((one) => one.close())));

async function appOf(requiresKey: boolean): Promise<FastifyInstance> {
  const clock = new SystemClock();
  const log = new MemoryLog();
  const access: Access = { ...accessOf(KEYS, { clock, log }), requiresKey };
  const deps = { clock, log, state: new WebState(), events: new EventStream({}, { clock }), access };
  const made = await createWebApp({ version: "1" }, deps);
  await made.ready();
  apps.push(made);
  return made;
}

/** From the tree that the router prints: each line is the rest of a path behind that of the line it hangs on. */
function callsOf(tree: string): readonly Call[] {
  const parts: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", part = "", , methods] = /^((?:[│ ] {3})*)[├└]── (\S*)( \(([A-Z, ]+)\))?/.exec(line) ?? [];
    if (part === "") return [];
    const depth = indent.length / 4;
    parts.splice(depth, parts.length, part);
    return (methods ?? "").split(", ").flatMap((method) => (method === "" ? [] : [{ method, path: parts.join("") }]));
  });
}

/** With something in the place of each field. */
const urlOf = ({ path }: Call) => path.replace(/:\w+/g, "1");
const ask = (on: FastifyInstance, { method }: Call, url: string, key?: string) =>
  on.inject({ method, url, headers: key === undefined ? {} : { "x-api-key": key } } as InjectOptions);

describe("every route", () => {
  test("is found", () => {
    const names = callsOf(app.printRoutes()).map(({ method, path }) => `${method} ${path}`);
    for (const name of [
      "PUT /api/admin/mining",
      "HEAD /api/admin/peers",
      "DELETE /api/admin/peers/:id",
      ...OPEN_WRITES,
    ])
      expect(names).toContain(name);
    expect(names.length).toBeGreaterThan(150);
  });

  test("that is not for all changes nothing without a key of its role, however its path is written", async () => {
    const listed = callsOf(app.printRoutes()).filter(({ path }) => LISTED.test(path));
    expect(listed.length).toBeGreaterThan(50);
    for (const call of listed) {
      const url = urlOf(call);
      for (const written of [
        url,
        url.replace("/a", "/%61"),
        `http://host${url}`,
        `${url}#/api/v1/`,
        `${url}?api_key=x`,
      ]) {
        expect((await ask(app, call, written)).statusCode, `${call.method} ${written}`).toBe(401);
        for (const { key } of KEYS.slice(1)) {
          if (call.path.startsWith("/api/wallet") && key === KEYS[1]!.key) continue;
          expect((await ask(app, call, written, key)).statusCode, `${call.method} ${written}`).toBe(403);
        }
      }
    }
  });

  test("that is for all only reads, but for those that are known", () => {
    const open = callsOf(app.printRoutes()).filter(({ path }) => !LISTED.test(path));
    const writes = open.filter(({ method }) => method !== "GET" && method !== "HEAD" && method !== "OPTIONS");
    expect(writes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(OPEN_WRITES);
  });

  test("of the chain takes a key where the operator wants one for reading too", async () => {
    const open = callsOf(closed.printRoutes()).filter(({ path }) => /^\/(api\/v1|esplora)\/[^*]/.test(path));
    expect(open.length).toBeGreaterThan(80);
    for (const call of open) {
      const url = urlOf(call);
      for (const written of [url, url.replace("/e", "/%65").replace("/a", "/%61"), `http://host${url}`]) {
        expect((await ask(closed, call, written)).statusCode, `${call.method} ${written}`).toBe(401);
      }
    }
  });
});
