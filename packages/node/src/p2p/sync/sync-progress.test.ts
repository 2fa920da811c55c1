import { describe, expect, test } from "vitest";
import { GENESIS, mineMany } from "../../chain/test-kit.ts";
import { blockOf, headersOf, OUTBOUND, withSync } from "./sync-test-kit.ts";

const MAIN = mineMany(GENESIS, 100);

describe("progress of the initial download", () => {
  test("idle, headers, blocks, done", async () => {
    await withSync({}, async (rig) => {
      const { progress } = rig.sync;
      expect(progress.status()).toMatchObject({ phase: "idle", headers: 0, height: 0, blocksPerSecond: 0 });
      const peer = rig.connect({}, OUTBOUND);
      rig.tick();
      expect(progress.status()).toMatchObject({ phase: "headers", percent: 0 });
      await rig.deliver(peer, headersOf(MAIN));
      expect(progress.status()).toMatchObject({
        phase: "blocks",
        headers: 100,
        height: 0,
        targetHeight: 100,
        percent: 0,
        secondsLeft: undefined,
      });
      for (const tip of MAIN.slice(0, 25)) {
        rig.clock.elapsedMs += 500;
        await rig.deliver(peer, blockOf(tip));
      }
      const status = progress.status();
      expect(status).toMatchObject({ phase: "blocks", height: 25, percent: 25 });
      expect(status.blocksPerSecond).toBeCloseTo(2);
      expect(status.secondsLeft).toBeCloseTo(37.5);
      rig.clock.seconds = MAIN.at(-1)!.block.header.time;
      for (const tip of MAIN.slice(25)) await rig.deliver(peer, blockOf(tip));
      expect(progress.status()).toMatchObject({ phase: "done", percent: 100, secondsLeft: 0, height: 100 });
    });
  });

  test("past the initial download blocks that are missing are told of", async () => {
    await withSync({ blocks: MAIN.slice(0, 50), isSynced: true }, async (rig) => {
      expect(rig.sync.progress.status()).toMatchObject({ phase: "done", height: 50, targetHeight: 50 });
      await rig.deliver(rig.connect(), headersOf(MAIN.slice(50, 60)));
      expect(rig.sync.progress.status()).toMatchObject({ phase: "blocks", targetHeight: 60 });
    });
  });

  test("is logged every ten seconds, while there is some", async () => {
    await withSync({}, async (rig) => {
      rig.sync.start();
      const log = rig.jobs.get(10_000)!;
      log();
      expect(rig.log.with("synchronising")).toEqual([]);
      await rig.deliver(rig.connect({}, OUTBOUND), headersOf(MAIN));
      log();
      expect(rig.log.with("synchronising")).toHaveLength(1);
    });
    await withSync({ blocks: MAIN, isSynced: true }, async (rig) => {
      rig.sync.start();
      rig.jobs.get(10_000)!();
      expect(rig.log.with("synchronising")).toEqual([]);
    });
  });
});
