import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { FeeAndSize } from "@bitfleet/protocol/policy/feerate.ts";
import { compareDiagrams } from "@bitfleet/protocol/policy/feerate-diagram.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { CORE, OURS, type Program } from "./interop-node.ts";
import { type Case, makeCases } from "./mempool-cases.ts";
import { buildMempoolChain, type MempoolChain } from "./mempool-chain.ts";
import { Walk } from "./mempool-walk.ts";
import { TestNode } from "./test-node.ts";

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

/** What came of a call, as text: the answer, order and all, or the error's message. */
type Answer = string;

class Pair {
  readonly #nodes: readonly TestNode[];

  private constructor(nodes: readonly TestNode[]) {
    this.#nodes = nodes;
  }

  static async start(programs: readonly Program[], chain: MempoolChain, args: readonly string[] = []): Promise<Pair> {
    const nodes = await Promise.all(programs.map(({ path }) => TestNode.start(undefined, args, path)));
    for (const node of nodes) {
      for (const block of chain.blocks) expect(await node.call("submitblock", toHex(block.bytes))).toBeNull();
    }
    return new Pair(nodes);
  }

  /** The answers of both. */
  ask(method: string, ...params: readonly unknown[]): Promise<Answer[]> {
    return Promise.all(
      this.#nodes.map((node) =>
        node.call(method, ...params).then(
          (result) => JSON.stringify(result, undefined, 1),
          (error: Error) => `error: ${error.message}`,
        ),
      ),
    );
  }
}

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
    let pair: Pair;
    beforeAll(async () => {
      pair = await Pair.start([core, OURS], chain, args);
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
      const pair = await Pair.start([core, OURS], chain, args);
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

/** The chunks between the corners of a diagram. Of chunks of one feerate either may come first. */
function chunksOf(diagram: Answer): FeeAndSize[] {
  const points = JSON.parse(diagram) as { weight: number; fee: number }[];
  return points.slice(1).map(({ weight, fee }, index) => {
    const last = points[index]!;
    return { fee: satsOf(fee) - satsOf(last.fee), size: weight - last.weight };
  });
}

const satsOf = (coins: number) => BigInt(Math.round(coins * 1e8));
const sorted = (list: Answer) => (JSON.parse(list) as string[]).sort();

async function differences(pair: Pair, cases: readonly Case[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { name, tx } of cases) {
    const [core, ours] = await pair.ask("testmempoolaccept", [toHex(tx.bytes)]);
    if (core !== ours) found.push({ name, core, ours });
  }
  return found;
}
