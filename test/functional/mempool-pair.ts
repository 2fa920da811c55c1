import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { FeeAndSize } from "@bitfleet/protocol/policy/feerate.ts";
import { expect } from "vitest";
import { OURS, type Program } from "./interop-node.ts";
import type { MempoolChain } from "./mempool-chain.ts";
import { TestNode } from "./test-node.ts";

/** What came of a call, as text: the answer, order and all, or the error's message. */
export type Answer = string;

/** A node of Bitcoin Core and one of ours, which are asked the same. */
export class MempoolPair {
  readonly #nodes: readonly TestNode[];

  private constructor(nodes: readonly TestNode[]) {
    this.#nodes = nodes;
  }

  /** Both have the chain. */
  static async start(core: Program, chain: MempoolChain, args: readonly string[] = []): Promise<MempoolPair> {
    const nodes = await Promise.all([core, OURS].map(({ path }) => TestNode.start(undefined, args, path)));
    for (const node of nodes) {
      for (const block of chain.blocks) expect(await node.call("submitblock", toHex(block.bytes))).toBeNull();
    }
    return new MempoolPair(nodes);
  }

  /** The answers of both, Core's first. */
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

  /** The answer of both, or the text of their error; fails where they differ in more than the order of an object's members. */
  async same(label: string, method: string, ...params: readonly unknown[]): Promise<unknown> {
    const [core, ours] = (await this.ask(method, ...params)).map((answer) =>
      answer.startsWith("error: ") ? answer : JSON.parse(answer),
    );
    expect(ours, `${label}: ${method} ${JSON.stringify(params).slice(0, 1000)}`).toEqual(core);
    return ours;
  }

  /** The txids in both mempools, in Core's order of mining. */
  async contents(label: string): Promise<readonly string[]> {
    const [core, ours] = (await this.ask("getrawmempool")).map((answer) => JSON.parse(answer) as string[]);
    expect(ours!.toSorted(), label).toEqual(core!.toSorted());
    return core!;
  }
}

/** The chunks between the corners of a diagram. Of chunks of one feerate either may come first. */
export function chunksOf(diagram: Answer): FeeAndSize[] {
  const points = JSON.parse(diagram) as { weight: number; fee: number }[];
  return points.slice(1).map(({ weight, fee }, index) => {
    const last = points[index]!;
    return { fee: satsOf(fee) - satsOf(last.fee), size: weight - last.weight };
  });
}

const satsOf = (coins: number) => BigInt(Math.round(coins * 1e8));
