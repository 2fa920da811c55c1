import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import { GENESIS, inTemporaryDirectory, KEY_SCRIPT, MemoryLog, mineMany, openTestChain } from "../chain/test-kit.ts";
import { SystemClock } from "../clock.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import { Generator } from "./generate.ts";
import { Miner } from "./miner.ts";
import type { HeaderSearch, SearchResult } from "./proof-of-work.ts";

/** A search that finds nothing, and ends when it is told to: what workers hash, and until when. */
class EndlessSearch implements HeaderSearch {
  readonly hashesPerSecond = 0;
  readonly hashCount = 0n;
  readonly under: { readonly header: BlockHeader; readonly signal: AbortSignal }[] = [];

  search(header: BlockHeader, _powLimit: bigint, _triesMax: number, signal: AbortSignal): Promise<SearchResult> {
    this.under.push({ header, signal });
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve({ header: undefined, triesCount: 1 }), { once: true });
    });
  }
}

const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resume) => setTimeout(resume, 1));
};

test("hashing on a tip ends in the moment that another is known, before anybody else hears of it, and goes on upon that", async () => {
  await inTemporaryDirectory(async (path) => {
    const clock = new SystemClock();
    const { chain } = await openTestChain(path, {}, { clock });
    const log = new MemoryLog();
    const mempool = openTestMempool(chain, clock, log);
    const search = new EndlessSearch();
    const random = { bytes: (size: number) => new Uint8Array(size).fill(1), unit: () => 0.5 };
    const signal = new AbortController().signal;
    const generator = new Generator({}, { chain, mempool, clock, random, signal, search });
    const miner = new Miner(
      { id: "0123456789ab", pacing: "continuous", intervalMs: 1000, script: KEY_SCRIPT },
      { chain, mempool, generator, search, clock, random, log },
    );
    miner.start();
    const tips = mineMany(GENESIS, 3);
    for (const [index, { block }] of tips.entries()) {
      await until(() => search.under.length === index + 1);
      const { header, signal: stop } = search.under[index]!;
      expect(displayHash(header.previousBlockHash)).toBe(displayHash(chain.tip.hash));
      expect(stop.aborted).toBe(false);
      const seen: boolean[] = [];
      const unsubscribe = chain.events.subscribe(
        (event) => {
          if (event.type === "tip-changed") seen.push(stop.aborted);
        },
        { delivery: "inline" },
      );
      await chain.submitBlock(block);
      unsubscribe();
      expect(seen).toEqual([true]);
    }
    await until(() => search.under.length === tips.length + 1);
    expect(displayHash(search.under.at(-1)!.header.previousBlockHash)).toBe(displayHash(tips.at(-1)!.block.hash));
    const last = search.under.at(-1)!.signal;
    expect(last.aborted).toBe(false);
    // The same for what the operator wants.
    miner.configure({ pacing: "off" });
    expect(last.aborted).toBe(true);
    await miner.stop();
    expect(search.under).toHaveLength(tips.length + 1);
    expect(miner.status()).toMatchObject({ foundCount: 0, staleCount: 0 });
    mempool.close();
    await chain.close();
  });
});
