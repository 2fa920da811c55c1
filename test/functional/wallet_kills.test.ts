import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { systemRandom } from "@bitfleet/node/clock.ts";
import { createWalletDatabase } from "@bitfleet/node/wallets/storage/create-wallet.ts";
import { openWalletDatabase } from "@bitfleet/node/wallets/storage/open-wallet.ts";
import { restoreWallet } from "@bitfleet/node/wallets/storage/restore-wallet.ts";
import type { WalletDatabase } from "@bitfleet/node/wallets/storage/wallet-database.ts";
import { expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { changesOf, NETWORK_MAGIC, secretIdOf, secretOf, type WalletWrite } from "../kill9/wallet-model.ts";
import { temporaryFolder } from "./test-node.ts";

/**
 * A process is killed again and again while it writes to wallets in every way: each write that it had been told of is there, whole, and
 * nothing else is damaged. Set SEED and ROUNDS for other lives.
 */
const seed = Number(process.env.SEED ?? 1);
const roundCount = Number(process.env.ROUNDS ?? 8);
/** A wallet lives through so many kills, so that damage of one would have to survive the next. */
const ROUNDS_PER_WALLET = 4;
const WRITES_MAX = 150;
const DELAY_MS_MAX = 12;
const WRITER = resolve(import.meta.dirname, "../kill9/wallet-writes.ts");

const deps = {
  random: systemRandom,
  clock: { monotonicMs: () => performance.now() },
  kdfCost: { n: 16, r: 1, p: 1 },
};

/** What the writer was told is done, over all rounds of a wallet. */
class Acknowledged {
  readonly ledger = new Set<number>();
  readonly secrets = new Set<number>();
  /** The last one is acknowledged or, where the change of it was cut off, the last but one. */
  passphrases: (string | undefined)[] = [undefined];

  note(write: WalletWrite): void {
    if (write.kind === "ledger") this.ledger.add(write.number);
    if (write.kind === "secret") this.secrets.add(write.number);
    if (write.kind === "passphrase-begins") this.passphrases.push(write.passphrase);
    if (write.kind === "passphrase") this.passphrases = [write.passphrase];
  }

  get nextNumber(): number {
    return Math.max(-1, ...this.ledger, ...this.secrets) + 2;
  }
}

/** Lets the writer write until a random moment. */
async function writeUntilKilled(folder: string, acknowledged: Acknowledged, random: SeededRandom): Promise<void> {
  const args = [
    folder,
    String(random.below(2 ** 31)),
    acknowledged.passphrases.at(-1) ?? "-",
    String(acknowledged.nextNumber),
  ];
  const child = spawn(process.execPath, ["--import", "tsx", WRITER, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const closed = once(child, "close");
  const target = 1 + random.below(WRITES_MAX);
  let count = 0;
  for await (const line of createInterface(child.stdout)) {
    acknowledged.note(JSON.parse(line));
    if (++count === target) setTimeout(() => child.kill("SIGKILL"), random.below(DELAY_MS_MAX));
  }
  await closed;
  expect([child.signalCode, errors]).toEqual(["SIGKILL", ""]);
}

const optionsOf = (folder: string) => ({ networkMagic: NETWORK_MAGIC, keysFolder: `${folder}.keys` });

/** Opens what is left with whichever passphrase may be right. */
async function reopen(folder: string, acknowledged: Acknowledged): Promise<WalletDatabase> {
  let refusal: unknown;
  for (const passphrase of acknowledged.passphrases) {
    try {
      const wallet = await openWalletDatabase(folder, { ...optionsOf(folder), passphrase, unlock: true }, deps);
      if (wallet.vault.isUnlocked) {
        acknowledged.passphrases = [passphrase];
        return wallet;
      }
      await wallet.close();
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

async function check(wallet: WalletDatabase, { ledger, secrets }: Acknowledged): Promise<void> {
  expect(await wallet.checkIntegrity()).toMatchObject({ problems: [], hasCheckedSecrets: true });
  const scripts = new Set([...wallet.scripts.all()].map(({ index }) => index));
  for (const number of ledger) {
    const { transactions, coins, addressBook } = changesOf(number);
    expect(wallet.ledger.transaction(transactions[0]!.txid)).toEqual(transactions[0]);
    expect(wallet.ledger.coin(coins[0]!.outPoint)).toEqual(coins[0]);
    expect(wallet.ledger.addressBookEntry(addressBook[0]!.script)).toEqual(addressBook[0]);
    expect(scripts.has(number)).toBe(true);
  }
  for (const number of secrets) expect(wallet.vault.get("key", secretIdOf(number))).toEqual(secretOf(number));
  // What is there without having been acknowledged is whole too.
  for (const { orderPosition } of wallet.ledger.history({ limit: 10 })) {
    expect(wallet.ledger.transaction(changesOf(orderPosition).transactions[0]!.txid)?.orderPosition).toBe(
      orderPosition,
    );
    expect(wallet.ledger.coin(changesOf(orderPosition).coins[0]!.outPoint)).toBeDefined();
  }
}

test("what a wallet acknowledged outlives kills", { timeout: 1_200_000 }, async () => {
  const random = new SeededRandom(seed);
  const folder = temporaryFolder();
  for (let round = 0; round < roundCount; ) {
    const path = join(folder, `wallet-${round}`);
    await (await createWalletDatabase(path, optionsOf(path), deps)).close();
    const acknowledged = new Acknowledged();
    for (let kill = 0; kill < ROUNDS_PER_WALLET && round < roundCount; kill++, round++) {
      await writeUntilKilled(path, acknowledged, random);
      const wallet = await reopen(path, acknowledged);
      await check(wallet, acknowledged).catch((error: Error) => {
        throw new Error(`seed ${seed}, round ${round}: ${error.message}`, { cause: error });
      });
      await wallet.close();
    }
    // A backup that was cut off is none: what stands under its name is whole.
    if (existsSync(`${path}.backup`))
      await restoreWallet(`${path}.backup`, `${path}-restored`, optionsOf(`${path}-restored`), deps);
  }
});
