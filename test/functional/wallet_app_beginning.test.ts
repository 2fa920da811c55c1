import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SqlVault } from "../../apps/desktop/src/vault/sql-vault.ts";
import { createSession } from "../../apps/wallet/src/session/create-session.ts";
import { PageTurns } from "../../apps/wallet/src/session/page-turns.ts";
import type { Session } from "../../apps/wallet/src/session/session.ts";
import { nobleSecp256k1 } from "../../packages/protocol/src/crypto/noble-secp256k1.ts";
import { MemoryVault } from "../../packages/vault/src/memory-vault.ts";
import { type Vault, VaultError, type VaultErrorCode } from "../../packages/vault/src/vault.ts";
import { VaultClient } from "../../packages/vault/src/vault-client.ts";
import { PASSPHRASE, until } from "./wallet-app-kit.ts";

/** What a session shows where the vault cannot be looked at: damage is said of what is damaged alone, since who is told of it removes it. */

const sessionOf = (vault: Vault): Session =>
  createSession({
    vault,
    fetch,
    WebSocket: null,
    random: Math.random,
    leadTo: async () => {},
    secp256k1: nobleSecp256k1,
    nowMs: () => Date.now(),
    randomBytes: (size) => Uint8Array.from(randomBytes(size)),
    turns: new PageTurns(),
  });

test.skipIf(process.platform === "win32")("a folder that others may write into, until they may not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-begin-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const vault = new SqlVault(folder, { kdfCost: { n: 16, r: 1, p: 1 } });
  await (await vault.create(PASSPHRASE)).lock();
  chmodSync(folder, 0o777);
  const session = sessionOf(vault);
  await until(() => expect(session.state).toMatchObject({ kind: "unusable", reason: "unsupported" }));
  expect(session.state).toMatchObject({ problem: expect.stringContaining(`chmod 700 ${folder}`) });
  chmodSync(folder, 0o700);
  await session.lookAgain();
  expect(session.state.kind).toBe("locked");
});

test("a program behind the window that is gone", async () => {
  const session = sessionOf(
    new VaultClient({ baseUrl: "http://127.0.0.1:9" }, { fetch: (address, init) => fetch(address, init) }),
  );
  await until(() => expect(session.state).toMatchObject({ kind: "unusable", reason: "unreachable" }));
  expect(session.state).toMatchObject({ problem: expect.stringMatching(/does not answer\. .* start it again/) });
});

test.each<[VaultErrorCode, object]>([
  ["in-use", { kind: "unusable", reason: "in-use" }],
  ["too-new", { kind: "unusable", reason: "too-new" }],
  ["no-space", { kind: "unusable", reason: "other" }],
  ["damaged", { kind: "damaged" }],
])("what a vault says by %s", async (code, expected) => {
  class Refusing extends MemoryVault {
    override async state(): Promise<never> {
      throw new VaultError(code, "It is so. Do that.");
    }
  }
  const session = sessionOf(new Refusing());
  await until(() => expect(session.state).toEqual({ ...expected, problem: "It is so. Do that." }));
});
