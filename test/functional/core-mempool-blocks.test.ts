import { compareDiagrams } from "@bitfleet/protocol/policy/feerate-diagram.ts";
import { expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { BlockWalk } from "./block-walk.ts";
import { CORE } from "./interop-node.ts";
import { buildMempoolChain } from "./mempool-chain.ts";
import { chunksOf, MempoolPair } from "./mempool-pair.ts";

/**
 * The mempools of our node and of Bitcoin Core while their chain moves: blocks, branches, blocks taken back, time that passes.
 * Set CORE_BITCOIND to the path of a bitcoind to run this, and SEED and STEPS to see others.
 */
const seed = Number(process.env.SEED ?? 1);
const stepCount = Number(process.env.STEPS ?? 300);

if (CORE === undefined) {
  console.warn("core-mempool-blocks: skipped, CORE_BITCOIND names no bitcoind");
  test.skip("CORE_BITCOIND names no bitcoind", () => {});
} else {
  const core = CORE;
  test.each([
    { title: "with the defaults", args: [] },
    { title: "with small clusters", args: ["-limitclustercount=5", "-limitclustersize=12"] },
    { title: "without taste", args: ["-acceptnonstdtxn=1", "-mempoolexpiry=100"] },
  ])(`a life with blocks, seed ${seed}, $title`, { timeout: 600_000 }, async ({ args }) => {
    const chain = buildMempoolChain();
    const pair = await MempoolPair.start(core, chain, args);
    const walk = new BlockWalk(new SeededRandom(seed), chain);
    for (let count = 0; count < stepCount; count++) {
      const { name, calls } = walk.next(await pair.contents(`before step ${count}`));
      for (const { method, params } of calls) {
        await pair.same(`step ${count}, ${name}`, method, ...params);
      }
      walk.settle(await compareAll(pair, `step ${count}, ${name} ${JSON.stringify(calls).slice(0, 3000)}`));
    }
  });
}

/** Returns the tip of both. */
async function compareAll(pair: MempoolPair, label: string): Promise<string> {
  const best = (await pair.same(label, "getbestblockhash")) as string;
  const entries = (await pair.same(label, "getrawmempool", true)) as Record<string, unknown>;
  const [core, ours] = await pair.ask("getmempoolfeeratediagram");
  expect(compareDiagrams(chunksOf(ours!), chunksOf(core!)), label).toBe("equal");
  await pair.same(label, "getprioritisedtransactions");
  const info = (await pair.ask("getmempoolinfo")).map((answer) => ({ ...JSON.parse(answer), usage: 0 }));
  expect(info[1], label).toEqual(info[0]);
  const [last] = Object.keys(entries).slice(-1);
  if (last !== undefined) {
    for (const method of ["getmempoolancestors", "getmempooldescendants"]) await pair.same(label, method, last);
    const clusters = (await pair.ask("getmempoolcluster", last)).map((answer) => ({
      ...JSON.parse(answer),
      chunks: [],
    }));
    expect(clusters[1], label).toEqual(clusters[0]);
  }
  const outputs = Object.keys(entries).flatMap((txid) => [0, 1].map((vout) => ({ txid, vout })));
  if (outputs.length > 0) await pair.same(label, "gettxspendingprevout", outputs);
  await compareTemplates(pair, label);
  return best;
}

/** Of chunks that pay alike either may come first, so that only what a template amounts to is compared. */
async function compareTemplates(pair: MempoolPair, label: string): Promise<void> {
  const templates = (await pair.ask("getblocktemplate", { rules: ["segwit"] })).map((answer) => JSON.parse(answer));
  const [core, ours] = templates.map(({ coinbasevalue, transactions, height, mintime, curtime, previousblockhash }) => {
    const txids = (transactions as { txid: string }[]).map(({ txid }) => txid).sort();
    return { coinbasevalue, height, mintime, curtime, previousblockhash, txids };
  });
  expect(ours, label).toEqual(core);
}
