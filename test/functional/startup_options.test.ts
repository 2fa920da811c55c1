import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ADDRESS, eventually, TestNode, temporaryFolder } from "./test-node.ts";

describe("shell commands", () => {
  test("run at the start, for every new tip, and before the end, which waits for them", async () => {
    const folder = temporaryFolder();
    const note = (name: string) => join(folder, name);
    const tips = note("tips");
    mkdirSync(tips);
    const node = await TestNode.start(temporaryFolder(), [
      `-startupnotify=echo started >> '${note("started")}'`,
      `-blocknotify=echo > '${tips}/%s'`,
      `-shutdownnotify=sleep 0.3; echo ended >> '${note("ended")}'`,
    ]);
    await eventually(() => existsSync(note("started")) || undefined);
    const hashes = await node.call<string[]>("generatetoaddress", 12, ADDRESS);
    await eventually(() => readdirSync(tips).length === hashes.length || undefined);
    expect(readdirSync(tips).sort()).toEqual([...hashes].sort());
    expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(note("started"), "utf8")).toBe("started\n");
    expect(readFileSync(note("ended"), "utf8")).toBe("ended\n");
  });

  test("that fail are logged and change nothing", async () => {
    const node = await TestNode.start(temporaryFolder(), ["-startupnotify=exit 3", "-blocknotify=exit 4"]);
    await node.call("generatetoaddress", 1, ADDRESS);
    await eventually(() => (/returned 3/.test(node.log) && /returned 4/.test(node.log) ? true : undefined));
    expect(await node.stop()).toMatchObject({ code: 0, stderr: "" });
  });
});

test("-loadblock takes in a file of blocks, and passes over one that is not there", async () => {
  const source = await TestNode.start(temporaryFolder(), ["-blocksxor=0"]);
  const hashes = await source.call<string[]>("generatetoaddress", 5, ADDRESS);
  await source.stop();
  const file = join(source.networkDir, "blocks", "blk00000.dat");
  const node = await TestNode.start(temporaryFolder(), [`-loadblock=${file}`, "-loadblock=/nowhere.dat"]);
  expect(await node.call("getbestblockhash")).toBe(hashes.at(-1));
  expect(node.log).toMatch(/Loaded 5 blocks from external file/);
  expect(node.log).toMatch(/Could not open blocks file \/nowhere.dat/);
  expect((await node.stop()).code).toBe(0);
  const again = await TestNode.start(node.dataDir);
  expect(await again.call("getblockcount")).toBe(5);
  await again.stop();
});

test("-blocksdir holds the blocks, and the index stays in the data directory", async () => {
  const blocks = temporaryFolder();
  const node = await TestNode.start(temporaryFolder(), [`-blocksdir=${blocks}`]);
  await node.call("generatetoaddress", 2, ADDRESS);
  await node.stop();
  expect(
    readdirSync(join(blocks, "regtest/blocks"))
      .filter((name) => name.endsWith(".dat"))
      .sort(),
  ).toEqual(["blk00000.dat", "rev00000.dat", "xor.dat"]);
  expect(existsSync(join(node.networkDir, "blocks/index/CURRENT"))).toBe(true);
});

test("what the node writes is its owner's alone", async () => {
  const node = await TestNode.start();
  await node.stop();
  const modeOf = (name: string) => statSync(join(node.networkDir, name)).mode & 0o777;
  expect(["wallets", "chainstate", "blocks"].map(modeOf)).toEqual([0o700, 0o700, 0o700]);
  expect(["debug.log", "settings.json", "blocks/blk00000.dat"].map(modeOf)).toEqual([0o600, 0o600, 0o600]);
});

test("bitcoin.conf may have DOS line ends and be long", async () => {
  const folder = temporaryFolder();
  const comments = Array.from({ length: 50_000 }, (_, line) => `# line ${line}`).join("\r\n");
  writeFileSync(join(folder, "bitcoin.conf"), `${comments}\r\nuacomment=dos\r\n[regtest]\r\nuacomment=section\r\n`);
  const node = await TestNode.start(folder);
  const { log } = node;
  await node.stop();
  expect(log).toContain('Config file arg: uacomment="dos"');
  expect(log).toContain('Config file arg: [regtest] uacomment="section"');
});
