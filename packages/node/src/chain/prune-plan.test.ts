import { describe, expect, test } from "vitest";
import type { BlockFileInfo } from "../storage/block-file-info.ts";
import { filesOverTarget, filesUpTo, lastPrunableHeight } from "./prune-plan.ts";

const MIB = 1024 * 1024;

function fileOf(heightLast: number, sizeBytes: number, undoSizeBytes = 0): BlockFileInfo {
  return { blockCount: 1, sizeBytes, undoSizeBytes, heightFirst: 0, heightLast, timeFirst: 0, timeLast: 0 };
}

describe("the last block that may go", () => {
  test("is the one wanted, or the 288th below the tip", () => {
    const heightOf = (tip: number, wanted?: number) => lastPrunableHeight(tip, [], wanted).height;
    expect([heightOf(1000), heightOf(1000, 711), heightOf(1000, 712), heightOf(1000, 713)]).toEqual([
      712, 711, 712, 712,
    ]);
    expect([heightOf(287), heightOf(288), heightOf(289)]).toEqual([0, 0, 1]);
  });

  test("lies eleven below what an index has come to", () => {
    const lock = (height: number) => lastPrunableHeight(1000, [{ name: "an index", height }]);
    expect(lock(500)).toEqual({ height: 489, lockedHeight: 489, limitedBy: "an index" });
    // Tip and lock agree.
    expect(lock(723).height).toBe(712);
    expect(lock(724)).toEqual({ height: 712, lockedHeight: 713, limitedBy: "an index" });
    expect(lock(1011)).toEqual({ height: 712, lockedHeight: 1000, limitedBy: "an index" });
    expect(lock(1012)).toEqual({ height: 712, lockedHeight: 1000, limitedBy: undefined });
    expect(lock(0)).toEqual({ height: 1, lockedHeight: 1, limitedBy: undefined });
  });

  test("follows the lock that holds most", () => {
    const locks = [
      { name: "first", height: 600 },
      { name: "second", height: 400 },
      { name: "third", height: 900 },
    ];
    expect(lastPrunableHeight(1000, locks)).toEqual({ height: 389, lockedHeight: 389, limitedBy: "second" });
    expect(lastPrunableHeight(1000, locks, 100).height).toBe(100);
  });
});

describe("files up to a height", () => {
  const files = [fileOf(10, 5), fileOf(30, 5), fileOf(20, 5), fileOf(25, 0), fileOf(12, 5)];

  test("are those without a block above it, but for empty ones and the one that is written", () => {
    const upTo = (height: number) => filesUpTo({ files, currentFile: 4 }, height);
    expect(upTo(9)).toEqual([]);
    expect(upTo(10)).toEqual([0]);
    expect(upTo(29)).toEqual([0, 2]);
    expect(upTo(30)).toEqual([0, 1, 2]);
    expect(filesUpTo({ files, currentFile: 5 }, 30)).toEqual([0, 1, 2, 4]);
  });
});

describe("files over the target", () => {
  // Of 100 MiB each with their undo data; 17 MiB are kept free.
  const files = { files: Array.from({ length: 6 }, (_, file) => fileOf(file, 90 * MIB, 10 * MIB)), currentFile: 5 };
  const over = (targetMib: number, heightLast = 100, blocksToCome = 0, extraBytes = 0) =>
    filesOverTarget(files, heightLast, { targetBytes: targetMib * MIB + extraBytes, blocksToCome });

  test("are none while there is room for a chunk more", () => {
    expect(over(617, 100, 0, 1)).toEqual([]);
    expect(over(617)).toEqual([0]);
    expect(over(550)).toEqual([0]);
  });

  test("are the lowest, as many as it takes", () => {
    expect(over(517, 100, 0, 1)).toEqual([0]);
    expect(over(517)).toEqual([0, 1]);
    expect(over(1)).toEqual([0, 1, 2, 3, 4]);
  });

  test("are none that hold later blocks", () => {
    expect(over(317, 1)).toEqual([0, 1]);
    expect(over(317, -1)).toEqual([]);
  });

  test("are more while many blocks are still to come, once any have to go", () => {
    expect(over(617, 100, 100)).toEqual([0]);
    expect(over(617, 100, 110)).toEqual([0, 1]);
    expect(over(618, 100, 1000)).toEqual([]);
  });
});
