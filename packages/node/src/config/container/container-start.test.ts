import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadCommandLine } from "../files.ts";
import { findOption } from "../options.ts";
import { containerTargetArguments } from "./cli-places.ts";
import { makePlaces, readContainer } from "./container-start.ts";
import type { ContainerLookup } from "./find-container.ts";

const NEVER = new AbortController().signal;
const PLACES = { NODE_NETWORK: "regtest", NODE_DATA_DIR: "/app/data", NODE_WALLET_DIR: "/app/wallets" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-container-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const named = (name: string) => () => ({
  addresses: () => ["172.18.0.2"],
  resolvePtr: async () => [name],
  timeoutMs: 0,
});
const nobody = () => {
  throw new Error("nobody is to be asked");
};
const read = (
  variables: Record<string, string>,
  words: readonly string[] = [],
  lookup: () => ContainerLookup = nobody,
) => readContainer(variables, words, lookup, NEVER);

test("network and directories come first; wallets only where the node has any", async () => {
  const miner = await read({ NODE_IS_MINER: "yes", ...PLACES });
  expect(miner.args).toEqual([
    "-chain=regtest",
    "-datadir=/app/data",
    "-walletdir=/app/wallets",
    "-mining=interval",
    "-bind=0.0.0.0:2001",
  ]);
  const web = await read({ NODE_IS_WEB_SERVER: "yes", ...PLACES });
  expect(web.args.slice(0, 2)).toEqual(["-chain=regtest", "-datadir=/app/data"]);
  expect(web.args.join()).not.toContain("walletdir");
  const wallet = await read({ NODE_IS_WEB_SERVER: "no", ...PLACES });
  expect(wallet.args).toContain("-walletdir=/app/wallets");
  expect((await read(PLACES)).args).toEqual([]);
});

test("the command line has another network or directory than the environment", async () => {
  const words = (args: readonly string[]) => read({ NODE_IS_MINER: "no", ...PLACES }, args);
  for (const option of ["-regtest", "-chain=signet", "--testnet4", "-signet=0"]) {
    expect((await words([option])).args).toEqual([
      "-datadir=/app/data",
      "-walletdir=/app/wallets",
      "-bind=0.0.0.0:2001",
    ]);
  }
  const { args, places } = await words(["-datadir=/mine"]);
  expect(args).toEqual(["-chain=regtest", "-walletdir=/app/wallets", "-bind=0.0.0.0:2001"]);
  expect(places.map(({ path }) => path)).toEqual(["/app/wallets"]);
  await expect(read({ NODE_IS_MINER: "no", NODE_NETWORK: "mainnet" })).rejects.toThrow(
    "Invalid value 'mainnet' for NODE_NETWORK: main, test, testnet4, signet or regtest is expected.",
  );
});

test("replicas have folders of their own below both directories", async () => {
  const variables = { NODE_IS_MINER: "yes", NODE_CONNECT_NODES: "local", NODE_INSTANCE_DIRS: "yes", ...PLACES };
  const compose = await read({ ...variables, NODE_SERVICE: "miner" }, [], named("shop-miner-2.shop_default"));
  expect(compose.args).toEqual([
    "-chain=regtest",
    "-datadir=/app/data/miner-2",
    "-walletdir=/app/wallets/miner-2",
    "-mining=interval",
    "-bind=0.0.0.0:2001",
    "-addnode=shop-miner-1:2001",
  ]);
  const pod = await read({ ...variables, POD_NAME: "miner-1", POD_NAMESPACE: "n" });
  expect(pod.args).toContain("-datadir=/app/data/miner-1");
  // Without it a number changes nothing.
  const shared = await read({ ...variables, NODE_INSTANCE_DIRS: "no", POD_NAME: "miner-1", POD_NAMESPACE: "n" });
  expect(shared.args).toContain("-datadir=/app/data");
  await expect(read({ NODE_IS_MINER: "no", NODE_INSTANCE_DIRS: "yes", POD_NAME: "miner-1" })).rejects.toThrow(
    "NODE_INSTANCE_DIRS=yes needs NODE_DATA_DIR, below which each instance has its folder.",
  );
  await expect(read({ ...variables, NODE_SERVICE: "miner" }, [], named("3f2a9c.bridge"))).rejects.toThrow(
    "set INSTANCE_NUMBER, counted from 1",
  );
});

test("what is wrong otherwise is said before anybody is asked", async () => {
  const variables = { NODE_IS_MINER: "yes", NODE_CONNECT_NODES: "local", NODE_SERVICE: "miner", NODE_ADDR: "miner" };
  await expect(read(variables)).rejects.toThrow("NODE_ADDR");
});

test("directories are made with those above them; one that cannot be made ends the start", () => {
  const place = (path: string) => ({ variable: "NODE_DATA_DIR", option: "datadir", path: join(folder, path) }) as const;
  makePlaces([place("a/b/miner-1"), place("a/b/miner-1")]);
  expect(statSync(join(folder, "a/b/miner-1")).isDirectory()).toBe(true);
  writeFileSync(join(folder, "file"), "");
  for (const path of ["file", "file/miner-1"]) {
    expect(() => makePlaces([place(path)])).toThrow(
      new RegExp(
        `^The directory ${join(folder, path)} of NODE_DATA_DIR cannot be made \\((EEXIST|ENOTDIR)\\): mount a volume `,
      ),
    );
  }
});

test("a client is led to the node of its container, and elsewhere nowhere", async () => {
  const target = (variables: Record<string, string>, words: readonly string[] = []) =>
    containerTargetArguments(variables, loadCommandLine(words, findOption));
  expect(await target(PLACES)).toEqual([]);
  const web = { NODE_IS_WEB_SERVER: "yes", ...PLACES };
  expect(await target(web)).toEqual(["-chain=regtest", "-datadir=/app/data"]);
  expect(await target(web, ["-signet"])).toEqual(["-datadir=/app/data"]);
  const replica = { ...web, NODE_INSTANCE_DIRS: "yes", NODE_SERVICE: "webserver", INSTANCE_NUMBER: "3" };
  expect(await target(replica)).toEqual(["-chain=regtest", "-datadir=/app/data/webserver-3"]);
  // Whoever names the directory need not be known.
  const unknown = { ...web, NODE_INSTANCE_DIRS: "yes" };
  expect(await target(unknown, ["-datadir=/x"])).toEqual(["-chain=regtest"]);
  await expect(target(unknown)).rejects.toThrow(/^NODE_INSTANCE_DIRS=yes needs to know/);
});
