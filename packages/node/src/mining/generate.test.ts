import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { type Network, testnet3Network } from "@bitfleet/protocol/consensus/networks.ts";
import { witnessCommitmentIndex } from "@bitfleet/protocol/consensus/witness-commitment.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { describe, expect, test } from "vitest";
import type { Chain } from "../chain/chain.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  KEY_SCRIPT,
  type ManualClock,
  mineMany,
  NETWORK,
  openTestChain,
  rewardOf,
  spend,
  spendableOf,
  submitAll,
} from "../chain/test-kit.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import { blockFromTemplate, createBlockTemplate } from "./block-template.ts";
import { Generator, isGenerateRefusal } from "./generate.ts";

const TRIES = 1_000_000;
const COIN = 100_000_000n;

interface Kit {
  readonly chain: Chain;
  readonly clock: ManualClock;
  readonly mempool: Mempool;
  readonly generator: Generator;
  readonly stop: AbortController;
}

async function withGenerator<Value>(
  work: (kit: Kit) => Promise<Value>,
  options = {},
  network: Network = NETWORK,
): Promise<Value> {
  return inTemporaryDirectory(async (path) => {
    const { chain, clock, log } = await openTestChain(path, { network });
    const stop = new AbortController();
    let drawn = 0;
    const random = { bytes: (size: number) => new Uint8Array(size).fill(++drawn) };
    const mempool = openTestMempool(chain, clock, log);
    const generator = new Generator(options, { chain, mempool, clock, random, signal: stop.signal });
    try {
      return await work({ chain, clock, mempool, generator, stop });
    } finally {
      await chain.close();
    }
  });
}

const made = <Result extends object>(result: Result) => {
  if (isGenerateRefusal(result)) throw new Error(result.reason);
  return result as Exclude<Result, { readonly reason: string }>;
};

describe("generate", () => {
  test("blocks that every rule accepts, across two halvings", async () => {
    await withGenerator(async ({ chain, generator }) => {
      expect(made(await generator.generate(KEY_SCRIPT, 301, TRIES))).toHaveLength(301);
      expect(chain.height).toBe(301);
      const rewardAt = async (height: number) =>
        (await chain.readBlock(chain.blockAt(height)!)).transactions[0]!.outputs[0]!;
      expect((await rewardAt(149)).value).toBe(50n * COIN);
      expect((await rewardAt(150)).value).toBe(25n * COIN);
      expect((await rewardAt(300)).value).toBe((25n * COIN) / 2n);
      expect(await chain.verify(4, 0)).toBe(true);
    });
  });

  test("never the same block twice, even for one script on one tip", async () => {
    await withGenerator(async ({ generator }) => {
      const template = await generator.template();
      expect(generator.blockOf(template, KEY_SCRIPT).hash).not.toEqual(generator.blockOf(template, KEY_SCRIPT).hash);
    });
  });

  test("Core's coinbase where that is wanted: the height, and what makes two bytes of it", async () => {
    await withGenerator(
      async ({ chain, generator }) => {
        expect(made(await generator.generate(KEY_SCRIPT, 17, TRIES))).toHaveLength(17);
        const scriptAt = async (height: number) =>
          toHex((await chain.readBlock(chain.blockAt(height)!)).transactions[0]!.inputs[0]!.scriptSig);
        expect([await scriptAt(1), await scriptAt(16), await scriptAt(17)]).toEqual(["5100", "6000", "0111"]);
      },
      { makesCoreBlocks: true },
    );
  });

  test("another one where Core's was made before and left", async () => {
    await withGenerator(
      async ({ chain, generator }) => {
        const [first] = made(await generator.generate(KEY_SCRIPT, 1, TRIES));
        await chain.invalidateBlock(first!);
        const [second] = made(await generator.generate(KEY_SCRIPT, 1, TRIES));
        expect(second).not.toEqual(first);
        expect(chain.tip.hash).toEqual(second);
      },
      { makesCoreBlocks: true },
    );
  });

  test("two callers at once share one chain", async () => {
    await withGenerator(async ({ chain, generator }) => {
      const both = [generator.generate(KEY_SCRIPT, 10, TRIES), generator.generate(KEY_SCRIPT, 10, TRIES)];
      const hashes = (await Promise.all(both)).flatMap((result) => [...made(result)]);
      expect(chain.height).toBe(20);
      for (const hash of hashes) expect(chain.isInActiveChain(chain.find(hash)!)).toBe(true);
    });
  });

  test("stops in the middle, and when the tries are used up", async () => {
    await withGenerator(async ({ chain, generator, stop }) => {
      expect(made(await generator.generate(KEY_SCRIPT, 5, 0))).toEqual([]);
      const running = generator.generate(KEY_SCRIPT, 1_000_000, Number.MAX_SAFE_INTEGER);
      setTimeout(() => stop.abort(), 20);
      const hashes = made(await running);
      expect(hashes.length).toBe(chain.height);
      expect(hashes.length).toBeLessThan(1_000_000);
    });
  });

  test("the version that was asked for, else the one that signals", async () => {
    await withGenerator(async ({ generator }) => expect((await generator.template()).version >>> 0).toBe(0x20000000));
    await withGenerator(async ({ generator }) => expect((await generator.template()).version).toBe(7), { version: 7 });
  });
});

describe("generateBlock", () => {
  test("takes exactly these transactions, pays the subsidy alone, commits to witnesses", async () => {
    await withGenerator(async ({ chain, generator }) => {
      const tips = mineMany(GENESIS, 101);
      await submitAll(chain, tips);
      const tx = spend([rewardOf(tips[0]!)]);
      const proposed = made(await generator.generateBlock(KEY_SCRIPT, [tx], false)) as Block;
      expect(chain.height).toBe(101);
      const block = made(await generator.generateBlock(KEY_SCRIPT, [tx], true)) as Block;
      expect(chain.tip.hash).toEqual(block.hash);
      expect(block.transactions.map(({ txid }) => txid).slice(1)).toEqual([tx.txid]);
      expect(block.transactions[0]!.outputs[0]!.value).toBe(50n * COIN);
      expect(witnessCommitmentIndex(block)).toBe(1);
      // The proposal was whole: it is taken as a sibling of the tip.
      expect(await chain.submitBlock(proposed)).toMatchObject({ accepted: true, isNew: true });
    });
  });

  test("says in Core's words why a block would not do", async () => {
    await withGenerator(async ({ chain, generator }) => {
      const tips = mineMany(GENESIS, 2);
      await submitAll(chain, tips);
      const immature = spend([rewardOf(tips[0]!)]);
      const refusal = await generator.generateBlock(KEY_SCRIPT, [immature], true);
      const reason = expect.stringMatching(/^bad-txns-premature-spend-of-coinbase/);
      expect(refusal).toEqual({ reason, step: "test" });
      expect(chain.height).toBe(2);
    });
  });

  test("ends without a block where the node stops", async () => {
    const work = async ({ chain, generator, stop }: Kit) => {
      stop.abort();
      expect(await generator.generateBlock(KEY_SCRIPT, [], true)).toMatchObject({ step: "search" });
      expect(chain.height).toBe(0);
    };
    // Four billion hashes a block: none is found before the search looks up.
    await withGenerator(work, {}, testnet3Network());
  });
});

describe("the block that was put together last", () => {
  test("is none at first, then that of the last template, or an empty one for chosen transactions", async () => {
    await withGenerator(
      async ({ chain, mempool, generator }) => {
        const tips = mineMany(GENESIS, 101);
        await submitAll(chain, tips);
        const tx = spend([rewardOf(tips[0]!)]);
        await mempool.accept(tx);
        expect(generator.lastAssembled).toBeUndefined();
        await generator.template();
        expect(generator.lastAssembled).toEqual({ weight: 4000 + tx.weight, transactionCount: 1 });
        await generator.generateBlock(KEY_SCRIPT, [tx], false);
        expect(generator.lastAssembled).toEqual({ weight: 4000, transactionCount: 0 });
      },
      { reservedWeight: 4000 },
    );
  });
});

describe("time", () => {
  test("is now, but never at or before the median of eleven", async () => {
    await withGenerator(async ({ chain, clock, generator }) => {
      expect((await generator.template()).time).toBe(clock.seconds);
      await generator.generate(KEY_SCRIPT, 20, TRIES);
      clock.seconds -= 1000;
      const median = medianTimePast(chain.tip);
      expect(await generator.template()).toMatchObject({ time: median + 1, timeMin: median + 1 });
      expect(made(await generator.generate(KEY_SCRIPT, 1, TRIES))).toHaveLength(1);
    });
  });

  test("decides the difficulty on testnet: the lowest after twenty minutes", () => {
    const { params } = testnet3Network();
    const { header } = params.genesis;
    const hard = Object.create(header, { bits: { value: 0x1c00ffff } }) as typeof header;
    const previous = { header: hard, height: 1, chainwork: 1n, previous: undefined, ancestor: () => undefined };
    const bitsAt = (nowSeconds: number) => {
      const context = { previous, params, nowSeconds, versionBits: { testdummy: new Map() } };
      return createBlockTemplate(context, []).bits;
    };
    expect(bitsAt(header.time + 1200)).toBe(0x1c00ffff);
    expect(bitsAt(header.time + 1201)).toBe(0x1d00ffff);
  });
});

test("fees go to the coinbase", async () => {
  await withGenerator(async ({ chain, generator }) => {
    const tips = mineMany(GENESIS, 101);
    await submitAll(chain, tips);
    const tx = spend([rewardOf(tips[0]!)], { fee: 5000n });
    const { version, previous, params } = { ...(await generator.template()), params: chain.network.params };
    const context = {
      previous,
      params,
      nowSeconds: tips.at(-1)!.block.header.time + 60,
      versionBits: { testdummy: new Map() },
    };
    const template = createBlockTemplate(context, [{ tx, fee: 5000n, sigopsCost: 1 }], { version });
    expect(template.coinbaseValue).toBe(50n * COIN + 5000n);
    const block = blockFromTemplate(template, KEY_SCRIPT, Uint8Array.of(1, 2));
    const check = (candidate: Block) => chain.testBlock(candidate, { checkPow: false, checkMerkleRoot: true });
    expect(await check(block)).toBeUndefined();
    const greedy = blockFromTemplate(
      { ...template, coinbaseValue: template.coinbaseValue + 1n },
      KEY_SCRIPT,
      Uint8Array.of(1),
    );
    expect((await check(greedy))?.reason).toBe("bad-cb-amount");
  });
});

describe("blocks with transactions of the mempool", () => {
  test("hold what pays, parents before children, and pay the fees to the miner", async () => {
    await withGenerator(async ({ chain, mempool, generator }) => {
      const tips = mineMany(GENESIS, 101);
      await submitAll(chain, tips);
      const parent = spend([rewardOf(tips[0]!)], { fee: 1000n });
      const child = spend([spendableOf(parent)], { fee: 9000n });
      for (const tx of [parent, child]) expect((await mempool.accept(tx)).kind).toBe("accepted");
      const template = await generator.template();
      expect(template.transactions.map(({ tx }) => tx.txid)).toEqual([parent.txid, child.txid]);
      expect(template.coinbaseValue).toBe(50n * COIN + 10_000n);
      made(await generator.generate(KEY_SCRIPT, 1, TRIES));
      const block = await chain.readBlock(chain.tip);
      expect(block.transactions.map(({ txid }) => txid).slice(1)).toEqual([parent.txid, child.txid]);
      expect(block.transactions[0]!.outputs[0]!.value).toBe(50n * COIN + 10_000n);
      expect(mempool.size).toBe(0);
    });
  });

  test("leave out what pays less than -blockmintxfee", async () => {
    const minFeerateSatPerKvb = 10_000n;
    await withGenerator(
      async ({ chain, mempool, generator }) => {
        const tips = mineMany(GENESIS, 102);
        await submitAll(chain, tips);
        const cheap = spend([rewardOf(tips[0]!)], { fee: 1000n });
        const dear = spend([rewardOf(tips[1]!)], { fee: 1100n });
        for (const tx of [cheap, dear]) expect((await mempool.accept(tx)).kind).toBe("accepted");
        expect([cheap.virtualSize, dear.virtualSize]).toEqual([110, 110]);
        expect((await generator.template()).transactions.map(({ tx }) => tx.txid)).toEqual([dear.txid]);
      },
      { minFeerateSatPerKvb },
    );
  });
});
