import { PASSPHRASE } from "@bitfleet/vault/conformance-kit.ts";
import { MemoryVault } from "@bitfleet/vault/memory-vault.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { VaultClient } from "@bitfleet/vault/vault-client.ts";
import { VAULT_TESTS } from "@bitfleet/vault/vault-conformance.ts";
import { fastify } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { CHEAP_COST, SqlPlace, temporaryFolder } from "./test-kit.ts";
import { vaultRoutes } from "./vault-routes.ts";

/** A process that serves the vault on a socket. */
async function served(vault: Parameters<typeof vaultRoutes>[1], clock?: { monotonicMs(): number }) {
  const app = fastify();
  const { lockAll } = vaultRoutes(app, vault, { clock });
  const baseUrl = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  return { baseUrl, lockAll, client: () => new VaultClient({ baseUrl }, { fetch }) };
}

/** Every client with a process of its own, begun with the first request. */
class ClientPlace extends SqlPlace {
  override vault(options: Parameters<SqlPlace["vault"]>[0] = {}): never {
    let nowMs = 0;
    // Nobody has to wait.
    const serving = served(super.vault(options), { monotonicMs: () => (nowMs += 60_000) });
    const fetchThere = async (path: string, init: RequestInit) => fetch(`${(await serving).baseUrl}${path}`, init);
    return new VaultClient({}, { fetch: fetchThere }) as never;
  }
}

describe("the vault of the desktop's process, from a page", () => {
  for (const { name, run } of VAULT_TESTS) test(name, () => run(new ClientPlace(`${temporaryFolder()}/desktop`)));

  test("each window unlocks for itself, and the last one that locks ends it", async () => {
    const { client, lockAll } = await served(new MemoryVault({ cost: CHEAP_COST }));
    const [wallet, admin] = [client(), client()];
    const first = await wallet.create(PASSPHRASE);
    expect(await admin.state()).toEqual({ kind: "locked" });
    await expect(admin.unlock("another passphrase")).rejects.toMatchObject({ code: "wrong-passphrase" });
    const second = await admin.unlock(PASSPHRASE);
    await first.write([{ collection: "labels", key: "a", value: 1 }]);
    expect(await second.get("labels", "a")).toBe(1);
    await first.lock();
    await expect(first.get("labels", "a")).rejects.toMatchObject({ code: "locked" });
    expect(await second.get("labels", "a")).toBe(1);
    await second.lock();
    expect(await client().state()).toEqual({ kind: "locked" });
    const [again, other] = [await wallet.unlock(PASSPHRASE), await admin.unlock(PASSPHRASE)];
    await lockAll();
    for (const open of [again, other]) await expect(open.list("labels")).rejects.toMatchObject({ code: "locked" });
    expect(await wallet.state()).toEqual({ kind: "locked" });
  });

  test("a backup that one window puts in place locks the others, who are told so when they look", async () => {
    const { client } = await served(new MemoryVault({ cost: CHEAP_COST }));
    const [wallet, admin] = [client(), client()];
    const first = await wallet.create(PASSPHRASE);
    const second = await admin.unlock(PASSPHRASE);
    const backup = await first.backup(PASSPHRASE);
    expect(await admin.state()).toEqual({ kind: "open" });
    const replaced = await wallet.replace(backup, PASSPHRASE, "a new passphrase");
    expect(await wallet.state()).toEqual({ kind: "open" });
    expect(await admin.state()).toEqual({ kind: "locked" });
    await expect(second.list("labels")).rejects.toMatchObject({ code: "locked" });
    await admin.unlock("a new passphrase");
    expect(await replaced.list("labels")).toEqual([]);
  });

  test("a page that is left locks", async () => {
    const page = new EventTarget();
    const { baseUrl } = await served(new MemoryVault({ cost: CHEAP_COST }));
    const locks: Promise<Response>[] = [];
    const fetchNoted = (address: string, init: RequestInit) => {
      const response = fetch(address, init);
      if (address.endsWith("/lock")) locks.push(response);
      return response;
    };
    const open = await new VaultClient({ baseUrl }, { fetch: fetchNoted, page }).create(PASSPHRASE);
    page.dispatchEvent(new Event("pagehide"));
    await Promise.all(locks);
    expect(locks.length).toBe(1);
    await expect(open.list("labels")).rejects.toMatchObject({ code: "locked" });
    const state = await fetch(`${baseUrl}/desktop/vault/state`);
    expect(await state.json()).toEqual({ ok: true, value: { kind: "locked" } });
  });

  test("after three wrong passphrases each further one waits, longer and longer, and the right one ends that", async () => {
    let nowMs = 0;
    const { client } = await served(new MemoryVault({ cost: CHEAP_COST }), { monotonicMs: () => nowMs });
    const vault = client();
    const open = await vault.create(PASSPHRASE);
    await open.lock();
    const refusal = (passphrase: string) =>
      vault.unlock(passphrase).then(
        () => undefined,
        (error: VaultError) => ({ code: error.code, retryAfterMs: error.retryAfterMs }),
      );
    const wrong = (retryAfterMs?: number) => ({ code: "wrong-passphrase", retryAfterMs });
    expect(await refusal("guess number 1")).toEqual(wrong());
    expect(await refusal("guess number 2")).toEqual(wrong());
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      expect(await refusal("another guess")).toEqual(wrong(waitMs));
      nowMs += waitMs - 1;
      // Not even the right one is looked at before that.
      expect(await refusal(PASSPHRASE)).toEqual(wrong(1));
      nowMs += 1;
    }
    const again = await vault.unlock(PASSPHRASE);
    expect(await again.isPassphrase("guess number 1")).toBe(false);
    await expect(again.changePassphrase("guess number 2", "a new passphrase")).rejects.toMatchObject(wrong());
    expect(await again.isPassphrase("guess number 3")).toBe(false);
    await expect(again.changePassphrase(PASSPHRASE, "a new passphrase")).rejects.toMatchObject(wrong(1000));
    expect(await refusal(PASSPHRASE)).toEqual(wrong(1000));
  });

  test("answers in the form that was agreed, and knows no other methods", async () => {
    const { baseUrl } = await served(new MemoryVault({ cost: CHEAP_COST }));
    const ask = async (method: string, body: unknown = {}) => {
      const headers = { "content-type": "application/json" };
      return fetch(`${baseUrl}/desktop/vault/${method}`, { method: "POST", headers, body: JSON.stringify(body) });
    };
    expect(await (await fetch(`${baseUrl}/desktop/vault/state`)).json()).toEqual({
      ok: true,
      value: { kind: "absent" },
    });
    expect(await (await ask("unlock", { passphrase: PASSPHRASE })).json()).toMatchObject({ ok: false, code: "absent" });
    expect(await (await ask("unlock", { passphrase: 5 })).json()).toMatchObject({ ok: false, code: "refused" });
    expect(await (await ask("get", { handle: "0".repeat(64) })).json()).toMatchObject({ ok: false, code: "locked" });
    expect(await (await ask("get", null)).json()).toMatchObject({ ok: false, code: "refused" });
    for (const method of ["constructor", "toString", "state2", "__proto__"]) {
      expect((await ask(method)).status).toBe(404);
    }
    const response = await fetch(`${baseUrl}/desktop/vault/state`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect((await ask("unlock", { passphrase: "x".repeat(100_000) })).status).toBe(413);
  });

  test("says so where the process does not answer, or something else does", async () => {
    const refused = () => Promise.reject(new TypeError("fetch failed"));
    const other = async () => new Response("<!doctype html>");
    for (const fetchThere of [refused, other]) {
      const vault = new VaultClient({}, { fetch: fetchThere });
      await expect(vault.state()).rejects.toMatchObject({ code: "unreachable" });
      await expect(vault.unlock(PASSPHRASE)).rejects.toBeInstanceOf(VaultError);
    }
  });
});
