import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { createWalletDatabase } from "./create-wallet.ts";
import { readKeyFile, writeKeyFile } from "./key-file.ts";
import { openWalletDatabase } from "./open-wallet.ts";
import { restoreWallet } from "./restore-wallet.ts";
import {
  CHEAP_COST,
  cloneOpenWallet,
  contentsOf,
  createFilledWallet,
  createTestWallet,
  DEPENDENCIES,
  keyFileIn,
  NETWORK_MAGIC,
  openTestWallet,
  temporaryFolder,
} from "./test-kit.ts";
import type { WalletDatabase } from "./wallet-database.ts";

/** A folder of wallets with one in it, `w`, that holds something. */
async function oneWallet() {
  const wallets = temporaryFolder();
  const keysFolder = join(wallets, ".keys");
  const at = (name: string) => join(wallets, name);
  const { wallet, contents } = await createFilledWallet(at("w"), { keysFolder });
  await wallet.backup(at("backup"));
  await wallet.close();
  const open = (name: string, passphrase?: string) => openTestWallet(at(name), { keysFolder, passphrase });
  const expectAt = async (name: string, passphrase?: string) => {
    const opened = await open(name, passphrase);
    expect(contentsOf(opened)).toEqual(contents);
    await opened.close();
  };
  const keyNames = () => readdirSync(keysFolder).sort();
  return { wallets, keysFolder, at, open, expectAt, keyNames, contents };
}

describe("a wallet.dat finds its key", () => {
  test("moved alone, and its folder renamed", async () => {
    const { at, expectAt, keysFolder } = await oneWallet();
    await (await createTestWallet(at("other"), { keysFolder })).close();
    renameSync(at("w/wallet.dat"), at("wallet.dat"));
    rmdirSync(at("w"));
    await expectAt("");
    expect((await keysAt(keysFolder)).sort()).toEqual(["other/wallet.dat", "wallet.dat"]);
    mkdirSync(at("v"));
    renameSync(at("wallet.dat"), at("v/wallet.dat"));
    renameSync(at("v"), at("u"));
    await expectAt("u");
    expect((await keysAt(keysFolder)).sort()).toEqual(["other/wallet.dat", "u/wallet.dat"]);
  });

  test("behind a link, and as a plain file", async () => {
    const { at, expectAt, keyNames } = await oneWallet();
    symlinkSync("w", at("link"));
    await expectAt("link");
    renameSync(at("w/wallet.dat"), at("plain"));
    await expectAt("plain");
    expect(readdirSync(at(".")).sort()).toEqual([".keys", "backup", "link", "plain", "w"]);
    expect(keyNames()).toHaveLength(1);
  });

  test("copied: both are opened at once, and each has a key file of its own from then on", async () => {
    const { at, open, expectAt, keysFolder, keyNames } = await oneWallet();
    mkdirSync(at("copy"));
    copyFileSync(at("w/wallet.dat"), at("copy/wallet.dat"));
    const [first, second] = [await open("w"), await open("copy")];
    expect(keyNames()).toHaveLength(2);
    await first.encrypt("one");
    await second.encrypt("two", "file");
    await Promise.all([first.close(), second.close()]);
    await expectAt("w");
    await expect(open("copy", "one")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await expectAt("copy", "two");
    expect((await keysAt(keysFolder)).sort()).toEqual(["copy/wallet.dat", "w/wallet.dat"]);
  });

  test("copied before it was encrypted: the copy stays readable, unless the passphrase is for the whole file", async () => {
    for (const scope of ["secrets", "file"] as const) {
      const { at, open, expectAt } = await oneWallet();
      mkdirSync(at("copy"));
      copyFileSync(at("w/wallet.dat"), at("copy/wallet.dat"));
      const wallet = await open("w");
      await wallet.encrypt("passphrase", scope);
      await wallet.changePassphrase("passphrase", "another");
      await wallet.close();
      if (scope === "secrets") await expectAt("copy");
      else await expect(open("copy")).rejects.toMatchObject({ code: "key-file-missing" });
      await expectAt("w", "another");
    }
  });

  test("not where there is none: neither is the key of another tried, nor anything written", async () => {
    const { at, open, keysFolder, expectAt } = await oneWallet();
    const key = keyFileIn(keysFolder);
    renameSync(key, at("key"));
    await (await createTestWallet(at("other"), { keysFolder })).close();
    const before = readFileSync(at("w/wallet.dat"));
    await expect(open("w")).rejects.toMatchObject({
      code: "key-file-missing",
      message: expect.stringMatching(/^No key in .*\.keys opens .*w\/wallet\.dat\. Copy .*restorewallet/),
    });
    expect(readFileSync(at("w/wallet.dat"))).toEqual(before);
    renameSync(at("key"), key);
    await expectAt("w");
  });

  test("beside it, where it was before there was a folder of keys, and takes it there", async () => {
    const { at, keysFolder, expectAt } = await oneWallet();
    const { walletId, current } = await readKeyFile(keyFileIn(keysFolder));
    const { head, ...before } = current;
    rmSync(keysFolder, { recursive: true });
    await writeKeyFile(at("w/wallet.dat.key"), { walletId, current: before });
    await expectAt("w");
    expect(readdirSync(at("w"))).toEqual(["wallet.dat"]);
    expect(await readKeyFile(keyFileIn(keysFolder))).toEqual({
      ...{ walletId, current: { ...before, head } },
      lastDatabase: "w/wallet.dat",
    });
  });

  test("that is damaged is told from one that is missing", async () => {
    const { keysFolder, open } = await oneWallet();
    writeFileSync(keyFileIn(keysFolder), "{}");
    await expect(open("w")).rejects.toMatchObject({ code: "key-file-damaged" });
  });
});

/** Where the databases of all key files were last. */
async function keysAt(keysFolder: string): Promise<(string | undefined)[]> {
  const files = readdirSync(keysFolder).map((name) => readKeyFile(join(keysFolder, name)));
  return (await Promise.all(files)).map(({ lastDatabase }) => lastDatabase);
}

describe("a backup in the place of wallet.dat", () => {
  test("is unpacked when it is opened, with the key that it brings, past a log of what was there", async () => {
    const { at, open, expectAt, keysFolder } = await oneWallet();
    const wallet = await open("w");
    wallet.settings.put("word", new Uint8Array(10));
    cloneOpenWallet(at("w"), at("killed"));
    await wallet.close();
    rmSync(keysFolder, { recursive: true });
    for (const name of ["w", "killed"]) {
      copyFileSync(at("backup"), at(`${name}/wallet.dat`));
      await expectAt(name);
    }
    expect(readdirSync(at("w"))).toEqual(["wallet.dat"]);
    expect(readdirSync(at("killed"))).toEqual(["wallet.dat", expect.stringMatching(/^wallet\.dat-wal\.unused-/)]);
    expect(readFileSync(at("w/wallet.dat")).subarray(0, 8)).not.toEqual(readFileSync(at("backup")).subarray(0, 8));
  });

  test("as a plain file; again and again without another key file", async () => {
    const { at, expectAt, keyNames } = await oneWallet();
    for (let round = 0; round < 3; round++) {
      copyFileSync(at("backup"), at("plain"));
      await expectAt("plain");
      expect(keyNames()).toHaveLength(2);
    }
  });

  test("that is damaged stays as it is", async () => {
    const { at, open } = await oneWallet();
    const bytes = readFileSync(at("backup"));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(at("w/wallet.dat"), bytes);
    await expect(open("w")).rejects.toMatchObject({ code: "damaged" });
    expect(readFileSync(at("w/wallet.dat"))).toEqual(bytes);
    expect(readdirSync(at("w"))).toEqual(["wallet.dat"]);
  });

  test("or restored twice: both are opened at once, as in Core", async () => {
    const { at, keysFolder, open, contents } = await oneWallet();
    const opened: WalletDatabase[] = [await open("w")];
    for (const name of ["r1", "r2"]) {
      await restoreWallet(at("backup"), at(name), { networkMagic: NETWORK_MAGIC, keysFolder }, DEPENDENCIES);
      opened.push(await open(name));
    }
    expect(opened.map(contentsOf)).toEqual([contents, contents, contents]);
  });
});

test("a wallet with a passphrase appears when it has it", async () => {
  const folder = temporaryFolder();
  const kdfCost = CHEAP_COST;
  let wasThere = false;
  // Salt, keys and seals are drawn before: what is drawn last still finds no wallet.
  const random = {
    bytes: (size: number) => {
      wasThere ||= readdirSync(folder).includes("wallet.dat");
      return DEPENDENCIES.random.bytes(size);
    },
  };
  const options = { networkMagic: NETWORK_MAGIC, keysFolder: join(folder, ".keys"), passphrase: "p" };
  const wallet = await createWalletDatabase(folder, options, { ...DEPENDENCIES, kdfCost, random });
  expect([wasThere, wallet.passphraseScope, wallet.vault.isUnlocked]).toEqual([false, "secrets", false]);
  await wallet.vault.unlock("p");
  await wallet.close();
  await expect(
    createWalletDatabase(join(folder, "e"), { ...options, passphrase: "" }, DEPENDENCIES),
  ).rejects.toMatchObject({ code: "empty-passphrase" });
  expect(readdirSync(folder).sort()).toEqual([".keys", "wallet.dat"]);
});

describe("another process", () => {
  const WORKER = resolve(import.meta.dirname, "test-open-wallet.ts");
  /** What it finds when it opens the wallet: the error's code, or "opened". */
  const openedElsewhere = (path: string, keysFolder: string, uid = 0): string =>
    execFileSync(process.execPath, ["--import", "tsx", WORKER, path, keysFolder, String(NETWORK_MAGIC), String(uid)], {
      encoding: "utf8",
    }).trim();

  test("is refused while the wallet is open, and looking at its file meanwhile gives nothing away", async () => {
    const { at, open, keysFolder } = await oneWallet();
    const wallet = await open("w");
    await expect(
      openWalletDatabase(at("w"), { networkMagic: NETWORK_MAGIC, keysFolder }, DEPENDENCIES),
    ).rejects.toMatchObject({ code: "in-use" });
    expect(openedElsewhere(at("w"), keysFolder)).toBe("in-use");
    await wallet.close();
    expect(openedElsewhere(at("w"), keysFolder)).toBe("opened");
  });

  test("is refused too after the file was named for a backup, opened by another link, or replaced", async () => {
    const { at, open, keysFolder } = await oneWallet();
    const wallet = await open("w");
    const options = { networkMagic: NETWORK_MAGIC, keysFolder };
    const restored = restoreWallet(at("w/wallet.dat"), at("r"), options, DEPENDENCIES);
    await expect(restored).rejects.toMatchObject({ code: "not-a-wallet" });
    expect(openedElsewhere(at("w"), keysFolder)).toBe("in-use");
    mkdirSync(at("h"));
    linkSync(at("w/wallet.dat"), at("h/wallet.dat"));
    await expect(open("h")).rejects.toMatchObject({ code: "in-use" });
    expect(openedElsewhere(at("w"), keysFolder)).toBe("in-use");
    await wallet.encrypt("passphrase");
    await expect(restoreWallet(at("w/wallet.dat"), at("r"), options, DEPENDENCIES)).rejects.toThrow("not a backup");
    expect(openedElsewhere(at("w"), keysFolder)).toBe("in-use");
  });

  test.runIf(process.getuid?.() === 0)("may not write to its folder", async () => {
    const { wallets, at, keysFolder } = await oneWallet();
    const nobody = 65_534;
    for (const path of [wallets, at("w"), at("w/wallet.dat"), keysFolder, keyFileIn(keysFolder)]) {
      chownSync(path, nobody, nobody);
    }
    chmodSync(at("w"), 0o500);
    expect(openedElsewhere(at("w"), keysFolder, nobody)).toBe("no-permission");
    chmodSync(at("w"), 0o700);
    expect(openedElsewhere(at("w"), keysFolder, nobody)).toBe("opened");
  });
});
