import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { ADDRESS, BITCOIND, BITFLEET, type Exit, run, TestNode, temporaryFolder } from "./test-node.ts";

/** Every kind of bad input ends in one plain sentence on stderr, exit code 1, and no stack trace. */
function expectRefusal(exit: Exit, sentence: string | RegExp): void {
  expect(exit.stderr).toMatch(typeof sentence === "string" ? new RegExp(sentence) : sentence);
  expect(exit.code).toBe(1);
  expect(exit.stderr).toMatch(/^Error: /);
  expect(exit.stderr).not.toMatch(/\n\s+at |node:internal|\.cjs:\d+/);
}

const start = (...args: string[]) => run(BITCOIND, ["-printtoconsole=0", ...args]);
const regtest = (folder: string, ...args: string[]) => start("-regtest", `-datadir=${folder}`, ...args);

describe("options", () => {
  const folder = temporaryFolder();
  const cases: readonly (readonly [label: string, args: readonly string[], sentence: string])[] = [
    ["unknown flag", ["-foo=1"], "Error: Error parsing command line arguments: Invalid parameter -foo=1"],
    [
      "flag with a section",
      ["-regtest.port=1"],
      "Error: Error parsing command line arguments: Invalid parameter -regtest.port=1",
    ],
    [
      "a value is missing",
      ["-proxy"],
      "Error: Error parsing command line arguments: Can not set -proxy with no value. Please specify value with -proxy=value.",
    ],
    [
      "negation that means nothing",
      ["-nodatadir"],
      "Error: Error parsing command line arguments: Negating of -datadir is meaningless and therefore forbidden",
    ],
    [
      "includeconf on the command line",
      ["-includeconf=a.conf"],
      'Error: Error parsing command line arguments: -includeconf cannot be used from commandline; -includeconf="a.conf"',
    ],
    [
      "two networks",
      ["-testnet"],
      "Error: Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.",
    ],
    ["stray word", ["word"], "Error: Command line contains unexpected token 'word'"],
    ["port beyond 16 bits", ["-port=65536"], "Error: Invalid port specified in -port: '65536'"],
    ["port zero", ["-rpcport=0"], "Error: Invalid port specified in -rpcport: '0'"],
    ["no number", ["-dbcache=much"], "Error: Invalid value 'much' for -dbcache: a whole number is expected."],
    [
      "bad -rpcbind",
      ["-rpcbind=127.0.0.1:99999", "-rpcallowip=127.0.0.1"],
      "Error: Invalid port specified in -rpcbind: '127.0.0.1:99999'",
    ],
    ["bad -rpcallowip", ["-rpcallowip=nowhere"], "Error: Invalid -rpcallowip subnet specification: nowhere."],
    ["unknown log category", ["-debug=abc"], "Error: Unsupported logging category -debug=abc."],
    ["negative prune", ["-prune=-1"], "Error: Prune cannot be configured with a negative value."],
    [
      "activation height of no rule",
      ["-testactivationheight=name@2"],
      "Error: Invalid name (name@2) for -testactivationheight=name@height.",
    ],
    [
      "blocks directory that is not there",
      ["-blocksdir=/nowhere"],
      'Error: Specified blocks directory "/nowhere" does',
    ],
    ["mining to nobody", ["-mining=interval", "-disablewallet"], "Error: -mining needs -miningaddress"],
    [
      "mining to no address",
      ["-mining=interval", "-miningaddress=abc"],
      "Error: Invalid address 'abc' for -miningaddress",
    ],
  ];
  test.each(cases)("%s", async (_label, args, sentence) => {
    expectRefusal(await regtest(folder, ...args), sentence.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  });

  test("missing data directory", async () => {
    expectRefusal(await start("-datadir=/nowhere/at/all"), 'Specified data directory "/nowhere/at/all" does not exist');
  });

  test("help and version print and leave", async () => {
    const help = await regtest(folder, "-help");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("-datadir=<dir>");
    expect((await regtest(folder, "-version")).stdout).toMatch(/^Bitfleet daemon version v\d/);
  });
});

describe("configuration files", () => {
  const cases: readonly (readonly [label: string, text: string, sentence: string])[] = [
    ["line without =", "regtest=1\ngarbage\n", "parse error on line 2: garbage"],
    ["negation without =", "nono\n", "parse error on line 1: nono, if you intended .* use nono=1 instead"],
    ["line with a dash", "-dash=1\n", "parse error on line 1: -dash=1, options .* without leading -"],
    ["ambiguous password", "rpcpassword=a#b\n", "parse error on line 1, using # in rpcpassword can be ambiguous"],
    ["conf in the file", "conf=x\n", "conf cannot be set in the configuration file"],
    ["include of nothing", "includeconf=none.conf\n", "Failed to include configuration file none.conf"],
  ];
  test.each(cases)("%s", async (_label, text, sentence) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "bitcoin.conf"), text);
    expectRefusal(await start(`-datadir=${folder}`), `Error: Error reading configuration file: ${sentence}`);
  });

  test("data directory that is not there", async () => {
    const file = join(temporaryFolder(), "other.conf");
    writeFileSync(file, "regtest=1\ndatadir=/nowhere\n");
    const sentence = 'Error reading configuration file: specified data directory "/nowhere" does not exist.';
    expectRefusal(await start(`-conf=${file}`), sentence);
  });

  test("option in the head of the file that belongs into a section", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "bitcoin.conf"), "regtest=1\nport=1234\n");
    const sentence = "Config setting for -port only applied on regtest network when in \\[regtest\\] section.";
    expectRefusal(await start(`-datadir=${folder}`), sentence);
  });

  test("a directory in the file's place, and a file that is not there", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "bitcoin.conf"));
    expectRefusal(await regtest(folder), `Config file "${join(folder, "bitcoin.conf")}" is a directory.`);
    expectRefusal(await regtest(folder, "-conf=other.conf"), "specified config file .*other.conf. could not be opened");
  });

  test("settings.json that is no settings", async () => {
    const folder = temporaryFolder();
    const write = (text: string) => {
      mkdirSync(join(folder, "regtest"), { recursive: true });
      writeFileSync(join(folder, "regtest/settings.json"), text);
      return regtest(folder);
    };
    expectRefusal(await write("{bad"), "does not contain valid JSON");
    expectRefusal(await write('"string"'), 'Found non-object value "string" in settings file');
    expectRefusal(await write('{"key":1,"key":2}'), "Found duplicate key key in settings file");
  });
});

describe("ports", () => {
  let squatter: Server | undefined;
  afterEach(() => squatter?.close());

  const squat = async (): Promise<number> => {
    const port = await freePort();
    squatter = createServer();
    // Both addresses of JSON-RPC: one that is free would do.
    await new Promise<void>((listening) => squatter!.listen({ port, host: "::" }, listening));
    return port;
  };

  test("JSON-RPC port taken", async () => {
    const port = await squat();
    const exit = await regtest(temporaryFolder(), `-rpcport=${port}`);
    expectRefusal(exit, `Unable to start HTTP server: .*:${port}.*taken.*Choose another port with -rpcport.`);
  });

  test("peer port taken", async () => {
    const port = await squat();
    const exit = await regtest(temporaryFolder(), `-rpcport=${await freePort()}`, `-bind=127.0.0.1:${port}`);
    expectRefusal(
      exit,
      "^Error: Unable to bind to 127.0.0.1:\\d+ on this computer. Bitfleet is probably already running.",
    );
    expect(exit.stderr).toMatch(/\nError: Failed to listen on any port. Use -listen=0 if you want this.\n$/);
  });

  test("web port taken", async () => {
    const port = await squat();
    const exit = await regtest(temporaryFolder(), `-rpcport=${await freePort()}`, `-webport=${port}`);
    expectRefusal(exit, `:${port}.*taken.*Choose another port with -webport.`);
  });

  test("bitfleet up names its own flags", async () => {
    const port = await squat();
    const folder = temporaryFolder();
    const up = (...args: string[]) => run(BITFLEET, ["up", `--data=${folder}`, ...args]);
    expectRefusal(await up(`--port=${port}`, `--rpc-port=${await freePort()}`), "taken.*Choose another with --port.");
    expectRefusal(
      await up(`--rpc-port=${port}`, `--port=${await freePort()}`),
      "taken.*Choose another with --rpc-port.",
    );
  });
});

describe("data directories", () => {
  test("two nodes on one directory", async () => {
    const first = await TestNode.start();
    const exit = await regtest(first.dataDir, `-rpcport=${await freePort()}`);
    expectRefusal(exit, `Cannot obtain a lock on directory ${first.networkDir}. Bitfleet is probably already running.`);
    expect(await first.call("getblockcount")).toBe(0);
    expect(await first.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  test("two nodes on one blocks directory", async () => {
    const blocks = temporaryFolder();
    const first = await TestNode.start(temporaryFolder(), [`-blocksdir=${blocks}`]);
    const exit = await regtest(temporaryFolder(), `-blocksdir=${blocks}`, `-rpcport=${await freePort()}`);
    expectRefusal(exit, `Cannot obtain a lock on directory ${join(blocks, "regtest/blocks")}`);
    await first.stop();
  });

  test("blocks of another network", async () => {
    const folder = temporaryFolder();
    const node = await TestNode.start(folder);
    await node.call("generatetoaddress", 3, ADDRESS);
    await node.stop();
    // The same files, taken for those of a signet.
    renameSync(join(folder, "regtest"), join(folder, "signet"));
    const exit = await start("-signet", `-datadir=${folder}`, `-rpcport=${await freePort()}`);
    expectRefusal(exit, /network/i);
  });
});

describe("damage on disk", () => {
  const damaged = async (harm: (networkDir: string) => void): Promise<{ exit: Exit; folder: string }> => {
    const folder = temporaryFolder();
    const node = await TestNode.start(folder);
    await node.call("generatetoaddress", 20, ADDRESS);
    await node.stop();
    harm(node.networkDir);
    return { exit: await regtest(folder, `-rpcport=${await freePort()}`, "-checklevel=4", "-checkblocks=0"), folder };
  };

  /** -reindex makes the directory whole again from the blocks that are left. */
  const heights = async (folder: string): Promise<number> => {
    const node = await TestNode.start(folder, ["-reindex"]);
    const height = await node.call<number>("getblockcount");
    expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
    return height;
  };

  const flip = (file: string, offset: number) => {
    const bytes = readFileSync(file);
    bytes[offset]! ^= 1;
    writeFileSync(file, bytes);
  };

  test("bit-flipped block file", async () => {
    const { exit, folder } = await damaged((dir) => flip(join(dir, "blocks/blk00000.dat"), 1500));
    expectRefusal(exit, /blk00000\.dat|-reindex/);
    expect(await heights(folder)).toBeGreaterThan(0);
  });

  test("truncated block file", async () => {
    const { exit, folder } = await damaged((dir) => truncateSync(join(dir, "blocks/blk00000.dat"), 2000));
    expectRefusal(exit, /blk00000\.dat|-reindex/);
    expect(await heights(folder)).toBeGreaterThan(0);
  });

  test("bit-flipped undo file", async () => {
    const { exit, folder } = await damaged((dir) => flip(join(dir, "blocks/rev00000.dat"), 100));
    expectRefusal(exit, /rev00000\.dat|-reindex/);
    expect(await heights(folder)).toBe(20);
  });

  test.each(["chainstate", "blocks/index"])("LevelDB of %s with a missing table", async (database) => {
    const { exit, folder } = await damaged((dir) => {
      const path = join(dir, database);
      const tables = readdirSync(path).filter((name) => /\.(ldb|sst|log)$/.test(name));
      for (const name of tables) rmSync(join(path, name));
      rmSync(join(path, "CURRENT"), { force: true });
    });
    expectRefusal(exit, /-reindex/);
    expect(await heights(folder)).toBe(20);
  });
});
