import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { compareDiagrams } from "@bitfleet/protocol/policy/feerate-diagram.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { CORE, type Program } from "./interop-node.ts";
import { type Case, makeCases } from "./mempool-cases.ts";
import { buildMempoolChain } from "./mempool-chain.ts";
import { type Answer, chunksOf, MempoolPair } from "./mempool-pair.ts";
import { Walk } from "./mempool-walk.ts";

/**
 * The mempools of our node and of Bitcoin Core over one chain: the same transactions must have the same answers. Set
 * CORE_BITCOIND to the path of a bitcoind to run this, and SEED to other transactions.
 */
if (CORE === undefined) {
  console.warn("core-mempool: skipped, CORE_BITCOIND names no bitcoind");
  test.skip("CORE_BITCOIND names no bitcoind", () => {});
} else {
  describeWith(CORE);
}

const STEP_COUNT = 600;

function describeWith(core: Program): void {
  const seed = Number(process.env.SEED ?? 1);
  const chain = buildMempoolChain();

  describe.each([
    { title: "with the defaults", args: [] },
    {
      title: "with other tastes",
      args: ["-datacarriersize=83", "-permitbaremultisig=0", "-dustrelayfee=0.00001", "-minrelaytxfee=0.00002"],
    },
    { title: "without taste", args: ["-acceptnonstdtxn=1"] },
  ])("one transaction, $title", ({ args }) => {
    let pair: MempoolPair;
    beforeAll(async () => {
      pair = await MempoolPair.start(core, chain, args);
    });

    test("testmempoolaccept answers the same", async () => {
      const cases = makeCases(400, new SeededRandom(seed), chain);
      expect(await differences(pair, cases)).toEqual([]);
    });
  });

  describe.each([
    { title: "with the defaults", args: [] },
    { title: "with small clusters", args: ["-limitclustercount=4", "-limitclustersize=10"] },
    { title: "with another increment", args: ["-incrementalrelayfee=0.00000300", "-minrelaytxfee=0.00000050"] },
  ])("a life of random steps, $title", ({ args }) => {
    test("has the same answers and the same contents throughout", { timeout: 300_000 }, async () => {
      const pair = await MempoolPair.start(core, chain, args);
      const walk = new Walk(new SeededRandom(seed), chain);
      let txids: readonly string[] = [];
      for (let count = 0; count < STEP_COUNT; count++) {
        const { method, params } = walk.next(new Set(txids));
        const label = `step ${count}, ${method} ${JSON.stringify(params)}`;
        const [core, ours] = await pair.ask(method, ...params);
        expect(ours, label).toBe(core);
        const [contents, ourContents] = await pair.ask("getrawmempool");
        txids = sorted(contents!);
        expect(sorted(ourContents!), label).toEqual(txids);
        const [diagram, ourDiagram] = await pair.ask("getmempoolfeeratediagram");
        expect(compareDiagrams(chunksOf(ourDiagram!), chunksOf(diagram!)), label).toBe("equal");
      }
    });
  });
}

const sorted = (list: Answer) => (JSON.parse(list) as string[]).sort();

async function differences(pair: MempoolPair, cases: readonly Case[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { name, tx } of cases) {
    const [core, ours] = await pair.ask("testmempoolaccept", [toHex(tx.bytes)]);
    if (core !== ours) found.push({ name, core, ours });
  }
  return found;
}
