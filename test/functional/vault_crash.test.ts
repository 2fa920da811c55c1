import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { cheapVault, temporaryFolder } from "../../apps/desktop/src/vault/test-kit.ts";
import { tinyDisk } from "../tiny-disk.ts";

/**
 * The desktop's vault in a process that is killed, beside another that wants it too, and on a disk that is full. Set ROUNDS to kill it more often.
 */
const rounds = Number(process.env.ROUNDS ?? 4);
const PASSPHRASE = "correct horse battery";
const CHILD = resolve(import.meta.dirname, "vault-child.ts");

/** A process with the vault open. `lines` has what it said. */
async function started(folder: string, ...rest: readonly string[]): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, folder, ...rest], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => lines.push(line));
  await expect.poll(() => lines[0], { timeout: 60_000 }).toBe("open");
  return { child, lines };
}

async function killed({ child, lines }: { child: ChildProcess; lines: string[] }, afterLines: number): Promise<string> {
  await expect.poll(() => lines.length, { timeout: 60_000 }).toBeGreaterThan(afterLines);
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
  return lines.at(-1)!;
}

test("every write that was told is there, whole, after its process was killed", async () => {
  const folder = join(temporaryFolder(), "desktop");
  for (let round = 1; round <= rounds; round++) {
    const last = await killed(await started(folder, PASSPHRASE, "write"), 15 * round);
    const open = await cheapVault(folder).unlock(PASSPHRASE);
    const keys = new Set((await open.list("labels")).map(({ key }) => key));
    await open.lock();
    for (let index = 0; index <= Number(last.split(" ")[1]); index++) {
      expect([keys.has(`${index}.0`), keys.has(`${index}.1`)]).toEqual([true, true]);
    }
    expect(keys.size % 2).toBe(0);
  }
});

test("it opens with the old passphrase or the new one after its process was killed while it changed", async () => {
  const folder = join(temporaryFolder(), "desktop");
  let [now, other] = [PASSPHRASE, "the second passphrase"];
  const first = await cheapVault(folder).create(now);
  await first.write([{ collection: "wallets", key: "a", value: 1 }]);
  await first.lock();
  for (let round = 1; round <= rounds; round++) {
    const last = await killed(await started(folder, now, "change", other), 7 * round);
    const told = last.startsWith("passphrase ") ? last.slice("passphrase ".length) : now;
    if (told !== now) [now, other] = [other, now];
    const vault = cheapVault(folder);
    // The next change may have been on disk before it was told.
    const open = await vault.unlock(now).catch(async (error) => {
      expect(error).toMatchObject({ code: "wrong-passphrase" });
      [now, other] = [other, now];
      return vault.unlock(now);
    });
    expect(await open.get("wallets", "a")).toBe(1);
    await open.lock();
  }
});

test("a creation that is killed leaves a vault or none, and the next one works", async () => {
  const outcomes = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const folder = join(temporaryFolder(), "desktop");
    const child = spawn(process.execPath, ["--import", "tsx", CHILD, folder, PASSPHRASE, "hold"], { stdio: "ignore" });
    const ended = once(child, "close");
    // Each stage is passed in a moment: a later one does too.
    const stages = ["vault.db.new", "vault.key", "vault.db"].slice(round % 3);
    const isThere = () => stages.some((name) => existsSync(join(folder, name)));
    await expect.poll(isThere, { timeout: 60_000, interval: 1 }).toBe(true);
    child.kill("SIGKILL");
    await ended;
    const vault = cheapVault(folder);
    const { kind } = await vault.state();
    outcomes.add(kind);
    const open = kind === "absent" ? await vault.create(PASSPHRASE) : await vault.unlock(PASSPHRASE);
    await open.write([{ collection: "labels", key: "a", value: 1 }]);
    await open.lock();
    expect(readdirSync(folder).sort()).toEqual(["vault.db", "vault.key"]);
  }
  for (const outcome of outcomes) expect(["absent", "locked"]).toContain(outcome);
});

test("another process is told that it is open, and may have it once the first is gone, however it went", async () => {
  const folder = join(temporaryFolder(), "desktop");
  const holder = await started(folder, PASSPHRASE, "hold");
  const vault = cheapVault(folder);
  await expect(vault.unlock(PASSPHRASE)).rejects.toMatchObject({ code: "in-use" });
  await expect(vault.destroy()).rejects.toMatchObject({ code: "in-use" });
  expect(await vault.state()).toEqual({ kind: "locked" });
  await killed(holder, 0);
  const open = await vault.unlock(PASSPHRASE);
  await open.lock();
});

test("a full disk is told, nothing is lost, and later writes are there", async () => {
  const disk = tinyDisk(8);
  if (disk === undefined) return;
  const folder = join(disk, "desktop");
  const vault = cheapVault(folder);
  const open = await vault.create(PASSPHRASE);
  await open.write([{ collection: "labels", key: "before", value: 1 }]);
  const filling = join(disk, "filling");
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filling, Buffer.alloc(bavail * bsize - 300_000));
  const large = (key: string) => open.write([{ collection: "transactions", key, value: "x".repeat(400_000) }]);
  await expect(large("a")).rejects.toMatchObject({
    code: "no-space",
    message: expect.stringMatching(/nothing was changed/),
  });
  expect(await open.list("transactions")).toEqual([]);
  expect(await open.get("labels", "before")).toBe(1);
  // To the last byte: no passphrase is changed, no vault is made.
  writeFileSync(join(disk, "rest"), Buffer.alloc(Math.max(0, statfsSync(disk).bavail * bsize)));
  await expect(open.changePassphrase(PASSPHRASE, "another passphrase")).rejects.toMatchObject({ code: "no-space" });
  await expect(large("c")).rejects.toMatchObject({ code: "no-space" });
  const other = cheapVault(join(disk, "other"));
  await expect(other.create(PASSPHRASE)).rejects.toMatchObject({ code: "no-space" });
  expect(await other.state()).toEqual({ kind: "absent" });
  await open.lock();
  const again = await vault.unlock(PASSPHRASE).catch((error) => error);
  if (again instanceof Error) expect(again).toMatchObject({ code: "no-space" });
  else await again.lock();
  rmSync(filling);
  rmSync(join(disk, "rest"));
  const freed = await vault.unlock(PASSPHRASE);
  await freed.write([{ collection: "transactions", key: "b", value: "x".repeat(400_000) }]);
  await freed.lock();
  const last = await vault.unlock(PASSPHRASE);
  expect((await last.list("transactions")).map(({ key }) => key)).toEqual(["b"]);
  expect((await last.list("labels")).map(({ key }) => key)).toEqual(["before"]);
  await last.lock();
});

test("a vault that is locked on a full disk is unlocked there again, and removed", async () => {
  const disk = tinyDisk(8);
  if (disk === undefined) return;
  const folder = join(disk, "desktop");
  const vault = cheapVault(folder);
  const open = await vault.create(PASSPHRASE);
  const { bavail, bsize } = statfsSync(disk);
  const filling = join(disk, "filling");
  writeFileSync(filling, Buffer.alloc(bavail * bsize - 600_000));
  // All of it stands in the log, which cannot be put into the database any more.
  const write = (key: string) => open.write([{ collection: "transactions", key, value: "x".repeat(20_000) }]);
  const told: string[] = [];
  await expect(
    (async () => {
      for (let index = 10; ; index++) {
        await write(`${index}`);
        told.push(`${index}`);
      }
    })(),
  ).rejects.toMatchObject({ code: "no-space" });
  expect(told.length).toBeGreaterThan(5);
  const keysOf = async (which: typeof open) => (await which.list("transactions")).map(({ key }) => key);
  await open.lock();
  await expect(open.list("transactions")).rejects.toMatchObject({ code: "locked" });
  await expect(vault.unlock("another passphrase")).rejects.toMatchObject({ code: "wrong-passphrase" });
  for (let count = 0; count < 2; count++) {
    const again = await vault.unlock(PASSPHRASE);
    expect(await keysOf(again)).toEqual(told);
    await again.lock();
  }
  rmSync(filling);
  const freed = await vault.unlock(PASSPHRASE);
  expect(await keysOf(freed)).toEqual(told);
  await freed.lock();
  expect(readdirSync(folder).sort()).toEqual(["vault.db", "vault.key"]);
  // Full once more, and now it is to go.
  writeFileSync(filling, Buffer.alloc(statfsSync(disk).bavail * bsize - 300_000));
  const last = await vault.unlock(PASSPHRASE);
  const fill = async () => {
    for (let index = 0; ; index++)
      await last.write([{ collection: "labels", key: `${index}`, value: "x".repeat(20_000) }]);
  };
  await expect(fill()).rejects.toMatchObject({ code: "no-space" });
  await last.lock();
  await vault.destroy();
  expect(await vault.state()).toEqual({ kind: "absent" });
  expect(readdirSync(folder)).toEqual([]);
  await (await vault.create(PASSPHRASE)).lock();
});
