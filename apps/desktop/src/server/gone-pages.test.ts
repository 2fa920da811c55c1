import { connect, type Socket } from "node:net";
import { PASSPHRASE } from "@bitfleet/vault/conformance-kit.ts";
import { MemoryVault } from "@bitfleet/vault/memory-vault.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { CHEAP_COST } from "../vault/test-kit.ts";
import { vaultRoutes } from "../vault/vault-routes.ts";
import { ask, type Entered, startTestServer } from "./test-kit.ts";

const [FIRST, SECOND] = ["page-one", "page-two"];

/** A process with a made vault, and pages that ask it under names of their own. */
async function desktop(pageGoneAfterMs: number) {
  const vault = new MemoryVault({ cost: CHEAP_COST });
  await (await vault.create(PASSPHRASE)).lock();
  const kit = await startTestServer(undefined, {
    mountVault: (app, pages) => vaultRoutes(app, vault, { pages }),
    pageGoneAfterMs,
  });
  onTestFinished(kit.close);
  const entered = await kit.enter();
  const call = async (page: string, method: string, body: object) => {
    const headers = { ...entered.headers, "content-type": "application/json", "x-bitfleet-page": page };
    const sent = { method: "POST", headers, body: JSON.stringify(body) };
    return JSON.parse((await ask(`${kit.server.origin}/desktop/vault/${method}`, sent)).body) as {
      readonly ok: boolean;
      readonly value: string;
    };
  };
  return {
    listen: (page: string) => stream(kit.server.port, entered, page),
    unlock: async (page: string) => (await call(page, "unlock", { passphrase: PASSPHRASE })).value,
    mayRead: async (page: string, handle: string) =>
      (await call(page, "list", { handle, collection: "labels", prefix: "" })).ok,
    state: () => vault.state(),
  };
}

/** A page's stream of events, once it is open. */
async function stream(port: number, { cookie, key }: Entered, page: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  const heads = [
    `Host: 127.0.0.1:${port}`,
    `Cookie: ${cookie}`,
    `X-Bitfleet-Session: ${key}`,
    `X-Bitfleet-Page: ${page}`,
  ];
  socket.write(`GET /desktop/events HTTP/1.1\r\n${heads.join("\r\n")}\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}

describe("a page that ends without a word", () => {
  test("loses its handle once its stream is gone, and no other page does; the last one locks the vault", async () => {
    const { listen, unlock, mayRead, state } = await desktop(1);
    const streams = [await listen(FIRST), await listen(SECOND)] as const;
    const [first, second] = [await unlock(FIRST), await unlock(SECOND)];
    streams[0].destroy();
    await expect.poll(() => mayRead(FIRST, first)).toBe(false);
    expect(await mayRead(SECOND, second)).toBe(true);
    streams[1].destroy();
    await expect.poll(state).toEqual({ kind: "locked" });
  });

  test("loses it too where it ended before its passphrase was checked", async () => {
    const { unlock, state } = await desktop(1);
    await unlock(FIRST);
    await expect.poll(state).toEqual({ kind: "locked" });
  });

  test("keeps it where its stream broke and comes again", async () => {
    const { listen, unlock, mayRead, state } = await desktop(2_000);
    const broken = await listen(FIRST);
    const handle = await unlock(FIRST);
    broken.destroy();
    await listen(FIRST);
    // Another one that comes and goes meanwhile shows that the time is over.
    const other = await unlock(SECOND);
    await expect.poll(() => mayRead(SECOND, other), { timeout: 20_000 }).toBe(false);
    expect(await mayRead(FIRST, handle)).toBe(true);
    expect(await state()).toEqual({ kind: "open" });
  });
});
