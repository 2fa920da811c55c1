/**
 * Wallets of a whole node over JSON-RPC: addresses given out a second, 1,000 blocks mined to an address of a wallet, and what a wallet
 * of 100,000 transactions takes to load and to list a page. Run: `npm run build && npx tsx bench/wallet.bench.ts`. With
 * `CORE_BITCOIND=<path of bitcoind>` Bitcoin Core does the first two as well, turn by turn: ratios above 1 say that we are faster, and
 * carry from one machine to another; times do not. Fails where loading takes a second, or a page 20 ms.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "@bitfleet/node/clock.ts";
import { openWalletDatabase } from "@bitfleet/node/wallets/storage/open-wallet.ts";
import type { WalletDatabase } from "@bitfleet/node/wallets/storage/wallet-database.ts";
import { KEYS_FOLDER } from "@bitfleet/node/wallets/storage/wallet-files.ts";
import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import type { WalletCoin } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import type { WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { BenchNode, CORE, OURS, type Program } from "./bench-node.ts";
import { load } from "./load-client.ts";

const ROUNDS = 3;
const ROUND_MS = 1500;
const CONNECTIONS = 4;
const BLOCKS = 1000;
const TRANSACTIONS = 100_000;
const BATCH = 1000;
const PAGES = 50;
/** Entries passed over: Core's call has no other way back. */
const FAR_BACK = 500;
const LOAD_MS_MAX = 1000;
const PAGE_MS_MAX = 20;

/** A node with a wallet "w", and nothing else to do. */
async function started({ command, name }: Program): Promise<BenchNode> {
  const node = await BenchNode.spawn({ command, name }, ["-fallbackfee=0.0001"]);
  await node.ready();
  await node.call("createwallet", "w");
  return node;
}

function getNewAddressRequest(node: BenchNode): string {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "getnewaddress", params: [] });
  const head = [
    "POST /wallet/w HTTP/1.1",
    "Host: 127.0.0.1",
    `Authorization: ${node.authorization()}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** Addresses a second. */
async function addressRate(node: BenchNode): Promise<number> {
  const request = getNewAddressRequest(node);
  const { perSecond } = await load({ port: node.rpcPort, request, connections: CONNECTIONS, durationMs: ROUND_MS });
  return perSecond;
}

/** Milliseconds of 1,000 blocks that pay a new address of the wallet, until the wallet knows of them. */
async function miningMs(node: BenchNode): Promise<number> {
  const address = await node.call("getnewaddress");
  const startMs = performance.now();
  await node.call("generatetoaddress", BLOCKS, address);
  const { mine } = await node.call<{ mine: { immature: number } }>("getbalances");
  if (!(mine.immature > 0)) throw new Error("the wallet has nothing");
  return performance.now() - startMs;
}

function fill(database: WalletDatabase, script: Uint8Array): void {
  const { ledger } = database;
  const block = ledger.bestBlock()!;
  for (let first = 0; first < TRANSACTIONS; first += BATCH) {
    const transactions: WalletTransaction[] = [];
    const coins: WalletCoin[] = [];
    for (let position = first; position < first + BATCH; position++) {
      const previousOutput = { txid: systemRandom.bytes(32) as Txid, index: 0 };
      const witness = [systemRandom.bytes(71), systemRandom.bytes(33)];
      const inputs = [{ previousOutput, scriptSig: new Uint8Array(), sequence: 0xfffffffd, witness }];
      const outputs = [{ value: 100_000n, scriptPubKey: script }];
      const { txid, wtxid, bytes } = new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
      const time = 1_700_000_000 + position;
      const state = { kind: "confirmed", block, indexInBlock: 1, blockTime: time } as const;
      const times = { timeReceived: time, timeSmart: time };
      const facts = { isCoinbase: false, isFromMe: false };
      const none = { notes: {}, mempoolConflicts: [], trucChildInMempool: undefined };
      transactions.push({ txid, wtxid, bytes, orderPosition: position, state, ...times, ...facts, ...none });
      const spentHeight = position % 50 === 0 ? undefined : block.height;
      const outPoint = { txid, index: 0 };
      const owner = { descriptorId: 1, index: 0 };
      coins.push({ ...owner, ...facts, outPoint, value: 100_000n, script, height: block.height, spentHeight, time });
    }
    ledger.apply({ ...EMPTY_CHANGE_SET, transactions, coins });
  }
}

const median = (times: readonly number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;

/** Milliseconds of processor time: loading a wallet of 100,000 transactions, and listing ten entries, the newest and some from before. */
async function largeWallet(): Promise<readonly [loadMs: number, newestMs: number, olderMs: number]> {
  const walletDir = mkdtempSync(join(tmpdir(), "bitfleet-bench-wallets-"));
  const node = await BenchNode.spawn(OURS, [`-walletdir=${walletDir}`]);
  try {
    await node.ready();
    await node.call("createwallet", "large");
    const address = await node.call("getnewaddress");
    const { scriptPubKey } = await node.call<{ scriptPubKey: string }>("getaddressinfo", address);
    await node.call("unloadwallet", "large");
    const clock = { monotonicMs: () => performance.now() };
    const networkMagic = Buffer.from(networkByName("regtest")!.magic).readUInt32BE();
    const options = { networkMagic, keysFolder: join(walletDir, KEYS_FOLDER) };
    const database = await openWalletDatabase(join(walletDir, "large"), options, { random: systemRandom, clock });
    fill(database, fromHex(scriptPubKey));
    await database.close();
    // The connection of before has been idle for too long.
    await node.ready();
    const beforeMs = node.cpuMs();
    await node.call("loadwallet", "large");
    const loadMs = node.cpuMs() - beforeMs;
    const pageMs = async (skip: number) => {
      const pagesBeforeMs = node.cpuMs();
      for (let page = 0; page < PAGES; page++) await node.call("listtransactions", "*", 10, skip);
      return (node.cpuMs() - pagesBeforeMs) / PAGES;
    };
    return [loadMs, await pageMs(0), await pageMs(FAR_BACK)];
  } finally {
    await node.stop();
    rmSync(walletDir, { recursive: true, force: true });
  }
}

const programs = CORE === undefined ? [OURS] : [OURS, CORE];
const nodes = await Promise.all(programs.map(started));
const row = (what: string, cells: readonly string[]) =>
  console.log(what.padEnd(54) + cells.map((cell) => cell.padStart(10)).join(""));
const compared = (values: readonly number[], digits: number, ratio: (ours: number, core: number) => number) => [
  ...values.map((value) => value.toFixed(digits)),
  ...(values[1] === undefined ? [] : [ratio(values[0]!, values[1]).toFixed(1)]),
];

const rates: number[][] = nodes.map(() => []);
const blockTimes: number[][] = nodes.map(() => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, node] of nodes.entries()) rates[index]!.push(await addressRate(node));
}
for (const [index, node] of nodes.entries()) blockTimes[index]!.push(await miningMs(node));
for (const node of nodes) await node.stop();

row("", ["ours", ...(CORE === undefined ? [] : ["Core", "ratio"])]);
row(
  "getnewaddress, calls a second",
  compared(rates.map(median), 0, (ours, core) => ours / core),
);
row(
  `${BLOCKS} blocks to the wallet, ms`,
  compared(blockTimes.map(median), 0, (ours, core) => core / ours),
);
const [loadMs, newestMs, olderMs] = await largeWallet();
row(`loading a wallet of ${TRANSACTIONS} transactions, processor ms`, [loadMs.toFixed(0)]);
row("the newest page of listtransactions, processor ms", [newestMs.toFixed(1)]);
row(`a page ${FAR_BACK} entries back, processor ms`, [olderMs.toFixed(1)]);
if (loadMs > LOAD_MS_MAX || newestMs > PAGE_MS_MAX) {
  console.error(`too slow: loading at most ${LOAD_MS_MAX} ms, a page at most ${PAGE_MS_MAX} ms`);
  process.exitCode = 1;
}
