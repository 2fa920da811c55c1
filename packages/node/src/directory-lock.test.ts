import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DirectoryLockError, lockDirectory } from "./directory-lock.ts";

describe.runIf(process.platform === "linux")("the lock of a directory", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "bitfleet-lock-"));
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test("is one for every name of the directory, and free again when it is given back", async () => {
    const path = join(root, "data");
    const link = join(root, "link");
    mkdirSync(path);
    symlinkSync(path, link);
    const lock = await lockDirectory(path);
    await expect(lockDirectory(link)).rejects.toThrow(
      `Cannot obtain a lock on directory ${link}. Bitfleet is probably already running.`,
    );
    await lock.release();
    await (await lockDirectory(link)).release();
  });

  test("is not that of a directory that was removed, whose file number a new one was given", async () => {
    const path = join(root, "data");
    mkdirSync(path);
    const left = await lockDirectory(path);
    // Most file systems give the number of a file that nobody has open to the next one.
    for (let count = 0; count < 100; count++) {
      rmSync(path, { recursive: true });
      mkdirSync(path);
      await (await lockDirectory(path)).release();
    }
    await left.release();
  });

  test("is given back once: the number of its file may be another file's by then", async () => {
    const lock = await lockDirectory(root);
    await Promise.all([lock.release(), lock.release()]);
    const other = await lockDirectory(root);
    await lock.release();
    await expect(lockDirectory(root)).rejects.toThrow("Cannot obtain a lock on directory");
    await other.release();
  });

  test("says what is wrong where nothing can be written", async () => {
    await expect(lockDirectory(join(root, "missing"))).rejects.toThrow(DirectoryLockError);
    await expect(lockDirectory(join(root, "missing"))).rejects.toThrow("check permissions");
  });
});
