import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { expect, test } from "vitest";
import { SeededRandom } from "../differential/random.ts";
import { FeeWalk } from "./fee-walk.ts";
import { CORE, OURS, type Program } from "./interop-node.ts";
import { TestNode, temporaryFolder } from "./test-node.ts";

/**
 * Fee estimates of our node and of Bitcoin Core, which see the same transactions and blocks: the same answers throughout, and
 * files that are the same to the last byte and that each reads of the other. Set CORE_BITCOIND to the path of a bitcoind to run
 * this, and SEED and STEPS to see others.
 */
if (CORE === undefined) {
  console.warn("core-fees: skipped, CORE_BITCOIND names no bitcoind");
  test.skip("CORE_BITCOIND names no bitcoind", () => {});
} else {
  compareWith(CORE);
}

const TIP_AGE_SECONDS_MAX = 3 * 60 * 60;

class Pair {
  readonly #programs: readonly Program[];
  readonly #folders: readonly string[];
  #nodes: readonly TestNode[] = [];

  constructor(...programs: readonly Program[]) {
    this.#programs = programs;
    this.#folders = programs.map(() => temporaryFolder());
  }

  async start(): Promise<void> {
    const args = ["-persistmempool=0", "-debug=estimatefee"];
    this.#nodes = await Promise.all(
      this.#programs.map(({ path }, index) => TestNode.start(this.#folders[index], args, path)),
    );
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes) expect((await node.stop()).code).toBe(0);
  }

  get files(): readonly string[] {
    return this.#folders.map((folder) => join(folder, "regtest", "fee_estimates.dat"));
  }

  /** The txids in both mempools, in Core's order of mining: of those that pay alike either may come first. */
  async contents(label: string): Promise<readonly string[]> {
    const [core, ours] = await Promise.all(this.#nodes.map((node) => node.call<string[]>("getrawmempool")));
    expect([...ours!].sort(), label).toEqual([...core!].sort());
    return core!;
  }

  /** The answer of both, or the error of both; fails where they differ. */
  async both<Result>(label: string, method: string, ...params: readonly unknown[]): Promise<Result> {
    const [core, ours] = await Promise.all(
      this.#nodes.map((node) => node.call(method, ...params).catch((error: Error) => ({ error: error.message }))),
    );
    expect(ours, `${label}: ${method} ${JSON.stringify(params).slice(0, 200)}`).toEqual(core);
    return ours as Result;
  }
}

function compareWith(core: Program): void {
  const seed = Number(process.env.SEED ?? 1);
  const stepCount = Number(process.env.STEPS ?? 100);

  test(`a life of random steps, seed ${seed}`, { timeout: 600_000 }, async () => {
    const random = new SeededRandom(seed);
    const walk = new FeeWalk(random);
    const pair = new Pair(core, OURS);
    await pair.start();
    for (const block of walk.blocks) expect(await pair.both("start", "submitblock", toHex(block.bytes))).toBeNull();
    let answered = 0;
    for (let step = 0; step < stepCount; step++) {
      const label = await takeStep(pair, walk, random, step);
      answered += await compareEstimates(pair, random, label);
    }
    // A walk that estimates nothing compares nothing.
    expect(answered).toBeGreaterThan(stepCount);
    await pair.stop();
  });
}

/** Returns what was done. */
async function takeStep(pair: Pair, walk: FeeWalk, random: SeededRandom, step: number): Promise<string> {
  const kind = random.below(40);
  const contents = () => pair.contents(`step ${step}`);
  const submit = async (label: string, blocks: readonly { readonly bytes: Uint8Array }[]) => {
    for (const block of blocks) await pair.both(label, "submitblock", toHex(block.bytes));
    return label;
  };
  if (kind < 18) {
    const label = `step ${step}, transactions`;
    for (let count = random.below(20); count > 0; count--) {
      const tx = walk.transaction(await contents());
      await pair.both(label, "sendrawtransaction", toHex(tx.bytes), 0);
    }
    return label;
  }
  if (kind < 20) {
    const label = `step ${step}, family`;
    const family = walk.family(await contents());
    await pair.both(
      label,
      "submitpackage",
      family.map((tx) => toHex(tx.bytes)),
      0,
    );
    return label;
  }
  if (kind < 34) return submit(`step ${step}, block`, [walk.block(await contents())]);
  if (kind < 36) {
    const count = 1 + random.below(30);
    return submit(
      `step ${step}, ${count} empty blocks`,
      Array.from({ length: count }, () => walk.emptyBlock()),
    );
  }
  if (kind < 37) return submit(`step ${step}, branch`, walk.branch());
  if (kind < 39) return onOldTip(pair, walk, random, `step ${step}, old tip`);
  return restart(pair, random, `step ${step}, restart`);
}

/** Transactions that come when the tip is as old as it may be, or a second older: those do not count. */
async function onOldTip(pair: Pair, walk: FeeWalk, random: SeededRandom, label: string): Promise<string> {
  const now = walk.tip.block.header.time + TIP_AGE_SECONDS_MAX + random.below(2);
  await pair.both(label, "setmocktime", now);
  for (let count = 0; count < 3; count++) {
    const tx = walk.transaction(await pair.contents(label));
    await pair.both(label, "sendrawtransaction", toHex(tx.bytes), 0);
  }
  await pair.both(label, "setmocktime", 0);
  return label;
}

/** Both end, have written the same, and begin again, sometimes each with the file of the other. */
async function restart(pair: Pair, random: SeededRandom, label: string): Promise<string> {
  await pair.stop();
  const [core, ours] = pair.files as [string, string];
  expect(Buffer.compare(readFileSync(core), readFileSync(ours)), `${label}: the files are the same`).toBe(0);
  if (random.oneIn(2)) {
    renameSync(core, `${core}.core`);
    renameSync(ours, core);
    renameSync(`${core}.core`, ours);
  }
  await pair.start();
  return label;
}

/** Returns how many answers were feerates. */
async function compareEstimates(pair: Pair, random: SeededRandom, label: string): Promise<number> {
  const targets = [1, 2, 6, 12, 13, 24, 25, 48, 49, 1008, 1 + random.below(1008)];
  let count = 0;
  for (const target of targets) {
    for (const mode of ["economical", "conservative"]) {
      const answer = await pair.both<{ feerate?: number }>(label, "estimatesmartfee", target, mode);
      if (answer.feerate !== undefined) count++;
    }
    const threshold = random.pick([0, 0.5, 0.6, 0.85, 0.95, 1, random.below(1000) / 1000]);
    await pair.both(label, "estimaterawfee", target, threshold);
  }
  return count;
}
