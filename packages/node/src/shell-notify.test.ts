import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { ChainEvent, ChainListener } from "./chain/chain-events.ts";
import { GENESIS, inTemporaryDirectory, MemoryLog, mine, mineMany, openTestChain } from "./chain/test-kit.ts";
import { ShellNotify } from "./shell-notify.ts";

/** A shell may take its time on a busy machine. */
const PATIENCE = 30_000;

const config = { startup: undefined, block: undefined, alert: undefined, shutdown: [] };

/** A chain that warns of something, and of more when it is told to. */
function warningChain(warnings: readonly string[], isInitialBlockDownload = false) {
  const listeners: ChainListener[] = [];
  const subscribe = (listener: ChainListener) => {
    listeners.push(listener);
    return () => {};
  };
  const chain = { warnings: () => warnings, isInitialBlockDownload, events: { subscribe, drained: async () => {} } };
  const emit = (event: ChainEvent) => {
    for (const listener of listeners) void listener(event);
  };
  return { chain, raise: (warning: string) => emit({ type: "warning-raised", warning }) };
}

const linesOf = async (path: string) => (await readFile(path, "utf8")).trimEnd().split("\n").sort();

test("-alertnotify is run for what there is at the start and what comes up, as one quoted word", () =>
  inTemporaryDirectory(async (folder) => {
    const path = join(folder, "alerts");
    const { chain, raise } = warningChain(["Old: one"]);
    const notify = new ShellNotify({ ...config, alert: `echo '['%s']' >> ${path}` }, new MemoryLog());
    notify.begin(chain);
    raise('New\'; touch $HOME/x `ls` "(two)"');
    await vi.waitFor(
      async () => expect(await linesOf(path)).toEqual(["[New; touch HOME/x ls (two)]", "[Old: one]"]),
      PATIENCE,
    );
    await notify.end();
  }));

test("what there is to be warned of before the initial download is over is not told", () =>
  inTemporaryDirectory(async (folder) => {
    const path = join(folder, "alerts");
    const { chain, raise } = warningChain(["early"], true);
    const notify = new ShellNotify({ ...config, alert: `echo %s >> ${path}` }, new MemoryLog());
    notify.begin(chain);
    raise("late");
    await vi.waitFor(async () => expect(await linesOf(path)).toEqual(["late"]), PATIENCE);
    await notify.end();
  }));

test("an invalid chain that is much longer raises a warning once", () =>
  inTemporaryDirectory(async (path) => {
    const { chain, clock } = await openTestChain(path);
    const raised: string[] = [];
    chain.events.subscribe(
      (event) => {
        if (event.type === "warning-raised") raised.push(event.warning);
      },
      { delivery: "inline" },
    );
    const [first, ...rest] = mineMany(GENESIS, 2);
    clock.seconds = first!.block.header.time;
    await chain.submitBlock(first!.block);
    expect(chain.isInitialBlockDownload).toBe(false);
    const bad = mine(first!, { coinbaseValue: 5_000_000_001n });
    const above = mineMany(bad, 7);
    await chain.submitHeaders([bad, ...above].map(({ block }) => block.header));
    for (const tip of above) await chain.submitBlock(tip.block);
    await chain.submitBlock(bad.block);
    expect(raised).toEqual(chain.warnings());
    expect(raised[0]).toMatch(/^Warning: Found invalid chain more than 6 blocks longer than our best chain\./);
    // It is still there after another block.
    for (const tip of rest) await chain.submitBlock(tip.block);
    expect(raised).toHaveLength(1);
    await chain.close();
  }));
