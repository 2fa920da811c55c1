/**
 * What a wallet's encrypted database costs at 100,000 transactions: writing them, opening it (its scripts and unspent coins read too, as
 * a node does), a page of the history, and what a block of strangers' transactions asks of it. Beside it the same in memory.
 * Processor time, but for pages. Run: `npx tsx bench/wallet-store.bench.ts`. Fails where opening takes a second, or a page 20 ms.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "@bitfleet/node/clock.ts";
import { createWalletDatabase } from "@bitfleet/node/wallets/storage/create-wallet.ts";
import { openWalletDatabase } from "@bitfleet/node/wallets/storage/open-wallet.ts";
import type { WalletDatabase } from "@bitfleet/node/wallets/storage/wallet-database.ts";
import type { BlockHash, Txid, Wtxid } from "@bitfleet/protocol/primitives/types.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import type { LedgerStore } from "@bitfleet/wallet/ledger/ledger-store.ts";
import { MemoryLedgerStore } from "@bitfleet/wallet/ledger/memory-ledger-store.ts";
import type { WalletCoin } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import type { WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";

const TRANSACTIONS = 100_000;
const SCRIPTS = 100_000;
const TRANSACTIONS_PER_BLOCK = 10;
const UNSPENT_EVERY = 50;
const PAGE = 100;
const PAGES = 200;
const LOOK_UPS = 1_000_000;
const OPEN_MS_MAX = 1000;
const PAGE_MS_MAX = 20;

const deps = { random: systemRandom, clock: { monotonicMs: () => performance.now() } };

function transactionAt(orderPosition: number): WalletTransaction {
  const height = Math.floor(orderPosition / TRANSACTIONS_PER_BLOCK);
  return {
    txid: systemRandom.bytes(32) as Txid,
    wtxid: systemRandom.bytes(32) as Wtxid,
    bytes: systemRandom.bytes(222),
    isCoinbase: false,
    isFromMe: orderPosition % 2 === 0,
    orderPosition,
    timeReceived: 1_700_000_000 + orderPosition,
    timeSmart: 1_700_000_000 + orderPosition,
    state: {
      kind: "confirmed",
      block: { hash: systemRandom.bytes(32) as BlockHash, height },
      indexInBlock: 1,
      blockTime: 1_700_000_000,
    },
    notes: {},
    mempoolConflicts: [],
    trucChildInMempool: undefined,
  };
}

function coinOf({ txid, orderPosition }: WalletTransaction): WalletCoin {
  const height = Math.floor(orderPosition / TRANSACTIONS_PER_BLOCK);
  return {
    outPoint: { txid, index: 0 },
    value: 100_000n,
    script: systemRandom.bytes(22),
    descriptorId: 1,
    index: orderPosition,
    isCoinbase: false,
    height,
    spentHeight: orderPosition % UNSPENT_EVERY === 0 ? undefined : height + 1,
    isFromMe: false,
    time: 1_700_000_000,
  };
}

function fill(store: LedgerStore): void {
  for (let start = 0; start < TRANSACTIONS; start += TRANSACTIONS_PER_BLOCK) {
    const transactions = Array.from({ length: TRANSACTIONS_PER_BLOCK }, (_, index) => transactionAt(start + index));
    const spends = transactions.map(({ txid }) => ({
      outPoint: { txid: systemRandom.bytes(32) as Txid, index: 1 },
      txid,
    }));
    store.apply({ ...EMPTY_CHANGE_SET, transactions, coins: transactions.map(coinOf), spends });
  }
}

/** What a node does at a start. */
function load({ ledger, scripts, descriptors, settings }: WalletDatabase): number {
  const { unconfirmed } = ledger.counts();
  let count = unconfirmed + descriptors.all().length + (settings.get("flags")?.length ?? 0);
  for (const _ of ledger.unspentCoins()) count++;
  for (const _ of scripts.all()) count++;
  return count;
}

/** Processor time, in milliseconds: other programs take nothing from it. */
async function timed<Answer>(work: () => Answer | Promise<Answer>): Promise<readonly [Answer, number]> {
  const before = process.cpuUsage();
  const answer = await work();
  const { user, system } = process.cpuUsage(before);
  return [answer, (user + system) / 1000];
}

/** The median, and the slowest, which another program may have held up. */
function pageTimes(store: LedgerStore): readonly [medianMs: number, slowestMs: number] {
  const times: number[] = [];
  for (let page = 0, before: number | undefined; page < PAGES; page++) {
    const started = performance.now();
    const records = store.history({ limit: PAGE, before });
    times.push(performance.now() - started);
    // From the newest page to the oldest, in steps.
    before = (records.at(-1)?.orderPosition ?? 0) - TRANSACTIONS / PAGES + PAGE;
  }
  times.sort((a, b) => a - b);
  return [times[PAGES / 2]!, times.at(-1)!];
}

function lookUps(store: LedgerStore): void {
  const outPoint = { txid: new Uint8Array(32) as Txid, index: 0 };
  const view = new DataView(outPoint.txid.buffer);
  for (let count = 0; count < LOOK_UPS; count++) {
    view.setUint32(0, Math.imul(count, 2_654_435_761));
    store.coin(outPoint);
  }
}

const folder = mkdtempSync(join(tmpdir(), "bitfleet-bench-"));
const options = { networkMagic: 1, keysFolder: join(folder, ".keys") };
const row = (what: string, ours: string, inMemory: string) =>
  console.log(`${what.padEnd(58)} ${ours.padStart(12)} ${inMemory.padStart(12)}`);
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
try {
  const memory = new MemoryLedgerStore();
  const [, memoryFillMs] = await timed(() => fill(memory));
  const wallet = await createWalletDatabase(folder, options, deps);
  const [, fillMs] = await timed(() => fill(wallet.ledger));
  const scripts = Array.from({ length: SCRIPTS }, (_, index) => ({
    script: systemRandom.bytes(22),
    descriptorId: 1,
    index,
  }));
  wallet.ledger.apply({ ...EMPTY_CHANGE_SET, scripts });
  const [, flushMs] = await timed(() => wallet.flush());
  await wallet.close();
  const [opened, openMs] = await timed(async () => {
    const again = await openWalletDatabase(folder, options, deps);
    load(again);
    return again;
  });
  const [pageMs, slowestPageMs] = pageTimes(opened.ledger);
  const [memoryPageMs, slowestMemoryPageMs] = pageTimes(memory);
  const [, lookUpMs] = await timed(() => lookUps(opened.ledger));
  const [, memoryLookUpMs] = await timed(() => lookUps(memory));
  const [{ problems }, checkMs] = await timed(() => opened.checkIntegrity());
  const [, backupMs] = await timed(() => opened.backup(join(folder, "backup")));
  const [, encryptMs] = await timed(() => opened.encrypt("passphrase"));
  await opened.close();

  console.log(
    `${TRANSACTIONS} transactions, ${SCRIPTS} scripts: ${(statSync(join(folder, "wallet.dat")).size / 1e6).toFixed(1)} MB`,
  );
  row("", "on disk", "in memory");
  row(
    `a block with ${TRANSACTIONS_PER_BLOCK} of the wallet's transactions`,
    ms(fillMs / (TRANSACTIONS / TRANSACTIONS_PER_BLOCK)),
    ms(memoryFillMs / (TRANSACTIONS / TRANSACTIONS_PER_BLOCK)),
  );
  row("flush after all that", ms(flushMs), "");
  row("open, with scripts, unspent and unconfirmed", ms(openMs), "");
  row(`a page of ${PAGE} of the history`, ms(pageMs), ms(memoryPageMs));
  row(`the slowest of ${PAGES}`, ms(slowestPageMs), ms(slowestMemoryPageMs));
  row(`${LOOK_UPS} inputs of strangers`, ms(lookUpMs), ms(memoryLookUpMs));
  row("integrity check", ms(checkMs), "");
  row("backup", ms(backupMs), "");
  row("encrypt", ms(encryptMs), "");
  if (problems.length > 0) throw new Error(problems[0]);
  if (openMs > OPEN_MS_MAX || pageMs > PAGE_MS_MAX) {
    console.error(`too slow: opening at most ${OPEN_MS_MAX} ms, a page at most ${PAGE_MS_MAX} ms`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
