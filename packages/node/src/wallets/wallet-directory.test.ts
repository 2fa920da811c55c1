import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Logger } from "../ports.ts";
import { databaseProblem, keysPlaceOf, listWalletDirectory, walletPathOf } from "./wallet-directory.ts";

let dir: string;
let warnings: string[];
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "bitfleet-wallet-directory-")));
  warnings = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const log = { warn: (text: string) => warnings.push(text) } as unknown as Logger;

const BITFLEET = Buffer.alloc(512, 0xa7);
const CORE = Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(496)]);
const BERKELEY = Buffer.alloc(4096);
BERKELEY.writeUInt32LE(0x53162, 12);

function write(path: string, bytes: Buffer = BITFLEET): void {
  mkdirSync(join(dir, path, ".."), { recursive: true });
  writeFileSync(join(dir, path), bytes);
}
const list = () => listWalletDirectory(dir, log);
const names = async () => (await list()).map(({ name }) => name);

describe("the path of a name", () => {
  test.each([
    ["w1", "w1"],
    ["sub/w5", "sub/w5"],
    ["sub//w5", "sub/w5"],
    ["w1/", "w1"],
    ["", ""],
    ["..w", "..w"],
    [".hidden", ".hidden"],
    ["a b;c", "a b;c"],
  ])("%j is in the directory of wallets", (name, path) => {
    expect(walletPathOf(dir, name)).toEqual({ path: join(dir, path) });
  });

  test("an absolute one is anywhere", () => {
    expect(walletPathOf(dir, "/elsewhere/w")).toEqual({ path: "/elsewhere/w" });
  });

  test.each([
    ...[
      "bad/./path",
      "bad/../path",
      "/bad/./path",
      "/bad/../path",
      "../",
      "./",
      "./wallet",
      "/..",
      "/.",
      "a/..",
      "a/.",
    ],
    ...["../wallets/../wallets/wallet", "../../", "././"],
  ])("%j is not normalized", (name) => {
    expect(walletPathOf(dir, name)).toEqual({ error: "Wallet name given as a path must be normalized" });
  });

  test.each(["../wallets/wallet", "..", ".", "../..", "../../w"])("%j leads out of the directory", (name) => {
    expect(walletPathOf(dir, name)).toEqual({
      error:
        "Wallet name given as a relative path cannot begin with ./ or ../, for wallets not in the walletdir, please use an absolute path.",
    });
  });

  test.each([".keys", "a/.keys", ".keys/a", "/somewhere/.keys", ".w.restoring-0123abcd", ".exporting-abc123"])(
    "%j is a folder of the node's own",
    (name) => {
      const error = "Wallet name is one that the node keeps for its own folders";
      expect(walletPathOf(dir, name)).toEqual({ error });
    },
  );

  test.each([".keyss", "keys", "a.keys"])("%j is not", (name) => {
    expect(walletPathOf(dir, name)).toHaveProperty("path");
  });

  test.each(["/", "//"])("%j is the root", (name) => {
    expect(walletPathOf(dir, name)).toEqual({ error: "Wallet name cannot be the root path" });
  });

  test("leads to a folder, a link to one, or nothing yet; a file only right in the directory", () => {
    write("w8");
    mkdirSync(join(dir, "w7"));
    symlinkSync("w7", join(dir, "to-folder"));
    symlinkSync("w8", join(dir, "to-file"));
    symlinkSync("nothing", join(dir, "to-nothing"));
    write("sub/file");
    for (const name of ["w7", "to-folder", "new", "w8", "w8/below"]) {
      expect(walletPathOf(dir, name)).toEqual({ path: join(dir, name) });
    }
    for (const name of ["to-file", "to-nothing", "sub/file"]) {
      expect(walletPathOf(dir, name)).toEqual({
        error: `Invalid -wallet path '${name}'. -wallet path should point to a directory where wallet.dat and database/log.?????????? files can be stored, a location where such a directory could be created, or (for backwards compatibility) the name of an existing data file in -walletdir ("${dir}")`,
      });
    }
  });
});

test("keys are in the directory of wallets; of a wallet elsewhere beside its folder, where another node finds them", () => {
  const keysFolder = join(dir, ".keys");
  for (const name of ["", "w", "sub/w"]) expect(keysPlaceOf(dir, join(dir, name))).toEqual({ keysFolder });
  for (const path of [`${dir}-other/w`, "/elsewhere/w"]) {
    expect(keysPlaceOf(dir, path)).toEqual({ keysFolder: join(path, "../.keys"), otherKeysFolders: [keysFolder] });
  }
});

describe("what is at a path", () => {
  const at = (name: string, purpose: "load" | "create") => databaseProblem(join(dir, name), purpose);

  test("can be loaded where it is ours, and made where nothing is", async () => {
    write("ours/wallet.dat");
    mkdirSync(join(dir, "empty"));
    write("w8");
    expect(await at("ours", "load")).toBeUndefined();
    expect(await at("w8", "load")).toBeUndefined();
    expect(await at("empty", "create")).toBeUndefined();
    expect(await at("none", "create")).toBeUndefined();
  });

  test("cannot be made below a file", async () => {
    write("w8");
    expect(await at("w8/bad", "create")).toMatchObject({ message: expect.stringContaining("is a file and no folder") });
  });

  test("is told of where links lead in circles", async () => {
    symlinkSync(join(dir, "loop"), join(dir, "loop"));
    for (const purpose of ["create", "load"] as const) {
      const message = expect.stringMatching(new RegExp(`^Failed to ${purpose} database path '${dir}/loop/w'. ELOOP`));
      expect(await at("loop/w", purpose)).toEqual({ code: "bad-format", message });
    }
  });

  test("is otherwise told of in Core's words", async () => {
    write("ours/wallet.dat");
    write("small/wallet.dat", Buffer.alloc(511));
    const load = (name: string, rest: string) => `Failed to load database path '${join(dir, name)}'. ${rest}`;
    expect(await at("none", "load")).toEqual({ code: "not-found", message: load("none", "Path does not exist.") });
    expect(await at("small", "load")).toEqual({
      code: "bad-format",
      message: load("small", "Data is not in recognized format."),
    });
    expect(await at("ours", "create")).toEqual({
      code: "already-exists",
      message: `Failed to create database path '${join(dir, "ours")}'. Database already exists.`,
    });
  });

  test("may be Core's, which is not written over and not loaded", async () => {
    write("core/wallet.dat", CORE);
    write("legacy/wallet.dat", BERKELEY);
    write("legacy.dat", BERKELEY);
    for (const [name, code, words] of [
      ["core", "bad-format", "Data is not in recognized format. This is a wallet of Bitcoin Core"],
      ["legacy", "legacy", "Data is not in recognized format. This wallet is a legacy wallet"],
      ["legacy.dat", "legacy", "Data is not in recognized format. This wallet is a legacy wallet"],
    ] as const) {
      expect(await at(name, "load")).toMatchObject({ code, message: expect.stringContaining(words) });
      expect((await at(name, "create"))?.code).toBe("already-exists");
    }
  });
});

describe("the list", () => {
  test("has the wallets of all folders, the unnamed one, and links to folders, which are not followed", async () => {
    write("wallet.dat");
    write("w/wallet.dat");
    write("w/inner/wallet.dat");
    write("sub/deep/w5/wallet.dat");
    write("empty/other.dat");
    write("small/wallet.dat", Buffer.alloc(511));
    symlinkSync("w", join(dir, "w-link"));
    symlinkSync("..", join(dir, "upwards"));
    symlinkSync("nothing", join(dir, "dangling"));
    expect(await names()).toEqual(["sub/deep/w5", "w", "w/inner", "w-link", ""]);
    expect(warnings).toEqual([]);
  });

  test("has neither files with other names nor links to files, but for old databases right in the directory", async () => {
    write("w8");
    write("old.dat", BERKELEY);
    write("old.bak", BERKELEY);
    write("sub/old.dat", BERKELEY);
    write("target/file");
    symlinkSync("target/file", join(dir, "wallet.dat"));
    expect(await names()).toEqual(["old.dat"]);
  });

  test("warns of Core's wallets", async () => {
    write("core/wallet.dat", CORE);
    write("legacy/wallet.dat", BERKELEY);
    write("ours/wallet.dat");
    expect(await list()).toEqual([
      { name: "core", warnings: [expect.stringMatching(/^This is a wallet of Bitcoin Core, .* importdescriptors$/)] },
      { name: "legacy", warnings: [expect.stringMatching(/^This wallet is a legacy wallet .* migratewallet/)] },
      { name: "ours", warnings: [] },
    ]);
  });

  test("goes on past what cannot be looked at, and says so", async () => {
    write("a/wallet.dat");
    mkdirSync(join(dir, "b"));
    symlinkSync("wallet.dat", join(dir, "b/wallet.dat"));
    write("c/wallet.dat");
    expect(await names()).toEqual(["a", "c"]);
    expect(warnings).toEqual([expect.stringMatching(/^Error while scanning wallet dir item: ELOOP: .* \[.*\/b\]\.$/)]);
  });

  test("has neither the folder of keys nor what was left unfinished", async () => {
    for (const name of ["a", ".keys", ".a.restoring-0123abcd", ".exporting-aB3x_9", ".hidden"])
      write(`${name}/wallet.dat`);
    expect(await names()).toEqual([".hidden", "a"]);
  });

  test("is empty where the directory is gone, and says so", async () => {
    rmSync(dir, { recursive: true });
    expect(await names()).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(`^Error scanning directory entries under ${dir}: ENOENT`)]);
  });
});
