import { spawn } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { isCoinbase } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, inTemporaryDirectory, mineMany, mineSpending, openTestChain, submitAll } from "../chain/test-kit.ts";
import { systemRandom } from "../clock.ts";
import { SpenderIndex } from "./spender-index.ts";
import { TxIndex } from "./tx-index.ts";

/** Bitcoin Core's indexes in our hands and ours in Core's. Set CORE_BITCOIND to the path of a bitcoind to run this. */
const BITCOIND = process.env.CORE_BITCOIND;
if (BITCOIND === undefined) process.stdout.write("core-indexes: skipped, CORE_BITCOIND names no bitcoind\n");

const REWARDS = mineMany(GENESIS, 102);
const TIPS = [...REWARDS, ...mineSpending(REWARDS, 4)];
const TRANSACTIONS = TIPS.flatMap(({ block }) => block.transactions.map((tx) => ({ tx, blockHash: block.hash })));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs Core with both indexes on `path/regtest` while `work` asks it. */
async function withCore(path: string, work: (call: typeof callOf) => Promise<void>): Promise<void> {
  const port = await freePort();
  const options = [
    "-regtest",
    "-listen=0",
    "-connect=0",
    "-disablewallet",
    "-debuglogfile=0",
    "-txindex",
    "-txospenderindex",
  ];
  const child = spawn(BITCOIND!, [...options, `-datadir=${path}`, `-rpcport=${port}`], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const cookie = () => readFile(join(path, "regtest", ".cookie"), "utf8");
  const call: typeof callOf = async (method, ...params) => callOf(method, port, await cookie(), ...params);
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`bitcoind ended with ${child.exitCode}`);
      const info = await call("getindexinfo").catch(() => undefined);
      if (info?.txindex?.synced && info.txospenderindex?.synced) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await work(call);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of another program
async function callOf(method: string, ...rest: any[]): Promise<any> {
  const [port, cookie, ...params] = rest;
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}` },
    body: JSON.stringify({ id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result: unknown; error: unknown };
  if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return result;
}

/** Our chain and indexes on `path/regtest`. */
async function openOurs(path: string) {
  const network = join(path, "regtest");
  await mkdir(network, { recursive: true });
  const opened = await openTestChain(network);
  const { chain, clock, log } = opened;
  const onFatal = (error: Error) => {
    throw error;
  };
  const deps = { chain, clock, log, onFatal, random: systemRandom };
  const transactions = await TxIndex.open({ path: join(network, "indexes", "txindex") }, deps);
  const spenders = await SpenderIndex.open({ path: join(network, "indexes", "txospenderindex", "db") }, deps);
  const close = async () => {
    await transactions.close();
    await spenders.close();
    await chain.close();
  };
  const start = async () => {
    for (const index of [transactions, spenders]) {
      index.start();
      while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { chain, transactions, spenders, start, close };
}

describe.skipIf(BITCOIND === undefined)("Bitcoin Core and we read each other's indexes", () => {
  test("ours by Core", async () => {
    await inTemporaryDirectory(async (path) => {
      const ours = await openOurs(path);
      await submitAll(ours.chain, TIPS);
      await ours.start();
      await ours.close();
      await withCore(path, async (call) => {
        for (const { tx, blockHash } of TRANSACTIONS) {
          const shown = await call("getrawtransaction", displayHash(tx.txid), 1);
          expect([shown.hex, shown.blockhash]).toEqual([toHex(tx.bytes), displayHash(blockHash)]);
          for (const { previousOutput } of isCoinbase(tx) ? [] : tx.inputs) {
            const asked = { txid: displayHash(previousOutput.txid), vout: previousOutput.index };
            const [spent] = await call("gettxspendingprevout", [asked]);
            expect(spent).toEqual({ ...asked, spendingtxid: displayHash(tx.txid), blockhash: displayHash(blockHash) });
          }
        }
      });
    });
  }, 60_000);

  test("Core's by us, and gone on with", async () => {
    await inTemporaryDirectory(async (path) => {
      await withCore(path, async (call) => {
        for (const { block } of TIPS.slice(0, -1)) expect(await call("submitblock", toHex(block.bytes))).toBeNull();
      });
      const ours = await openOurs(path);
      // Before anything new is taken in: what is found was written by Core.
      expect([ours.transactions.best?.height, ours.spenders.best?.height]).toEqual([TIPS.length - 1, TIPS.length - 1]);
      await ours.start();
      await submitAll(ours.chain, TIPS.slice(-1));
      await ours.transactions.waitUntilCurrent();
      await ours.spenders.waitUntilCurrent();
      for (const { tx, blockHash } of TRANSACTIONS) {
        const found = await ours.transactions.find(tx.txid);
        expect(found && [toHex(found.tx.bytes), displayHash(found.blockHash)]).toEqual([
          toHex(tx.bytes),
          displayHash(blockHash),
        ]);
        for (const { previousOutput } of isCoinbase(tx) ? [] : tx.inputs) {
          const spent = await ours.spenders.find(previousOutput);
          expect(spent && displayHash(spent.tx.txid)).toBe(displayHash(tx.txid));
        }
      }
      await ours.close();
    });
  }, 60_000);
});
