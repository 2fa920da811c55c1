import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "./test-node.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const exec = promisify(execFile);

/** A test file as somebody writes it who has installed the package. */
const TYPESCRIPT_USER = `
import { type BitfleetNetwork, startNetwork } from "bitfleet";

declare const console: { log(text: string): void };

async function heights(network: BitfleetNetwork): Promise<readonly number[]> {
  return Promise.all(network.nodes.map((node) => node.rpc<number>("getblockcount")));
}

await using network = await startNetwork({ miners: 2, mode: "in-process" });
const hashes: readonly string[] = await network.mine(2, { node: "miner-1" });
await network.partition([["miner-0"], ["miner-1"]]);
await network.mine(1, "miner-1");
await network.heal();
console.log(\`\${hashes.length} \${await heights(network)}\`);
`;

/** Each line is a mistake that the types must name. */
const TYPE_MISTAKES = [
  'startNetwork({ mode: "threads" });',
  "startNetwork({ miner: 2 });",
  'startNetwork().then((network) => network.mine("2"));',
  "startNetwork().then((network) => network.nodes.push());",
  'startNetwork().then((network) => { const height: string = network.node("miner-0").p2pPort; return height; });',
];

const JAVASCRIPT_USER = `
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startNetwork } from "bitfleet";

const network = await startNetwork({ miners: 2, webservers: 1, mode: "processes" });
after(() => network.stop());

test("every node hears of a block", async () => {
  const [hash] = await network.mine(1);
  for (const node of network.nodes) assert.equal(await node.rpc("getbestblockhash"), hash);
  assert.equal((await fetch(network.node("webserver-0").webUrl)).status, 200);
});
`;

/** The database library comes with the package, and no other program. */
const WALLET_USER = `
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startNetwork } from "bitfleet";

const network = await startNetwork({ miners: 1, mode: "processes" });
after(() => network.stop());

test("a wallet is mined to", async () => {
  await network.mine(101);
  assert.equal(await network.node("miner-0").rpc("getbalance"), 50);
});
`;

describe("the package, installed from its tarball", () => {
  const folder = temporaryFolder();
  const runNode = (...args: string[]) => exec(process.execPath, args, { cwd: folder });
  const tsc = (file: string) => {
    const options = "--ignoreConfig --strict --target ES2022 --module NodeNext".split(" ");
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    return runNode(compiler, file, ...options, "--outDir", "out").then(
      () => "",
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
  };

  beforeAll(async () => {
    const npm = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"];
    await exec("npm", ["pack", "--ignore-scripts", "--pack-destination", folder, ...npm], { cwd: ROOT });
    writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
    await exec("npm", ["install", "--omit=optional", "./bitfleet-0.1.0.tgz", ...npm], { cwd: folder });
    mkdirSync(join(folder, "out"));
  });

  test("a TypeScript program is checked and runs, in one process", async () => {
    writeFileSync(join(folder, "user.ts"), TYPESCRIPT_USER);
    expect(await tsc("user.ts")).toBe("");
    expect(await runNode("out/user.js")).toMatchObject({ stdout: "2 3,3\n", stderr: "" });
  });

  test("the types name mistakes", async () => {
    writeFileSync(
      join(folder, "mistakes.ts"),
      ['import { startNetwork } from "bitfleet";', ...TYPE_MISTAKES].join("\n"),
    );
    const lines = [...(await tsc("mistakes.ts")).matchAll(/^mistakes\.ts\((\d+),/gm)].map((match) => Number(match[1]));
    expect([...new Set(lines)]).toEqual(TYPE_MISTAKES.map((_, index) => index + 2));
  });

  test("a plain test file runs under node --test, with processes", async () => {
    writeFileSync(join(folder, "fleet.test.mjs"), JAVASCRIPT_USER);
    const { stdout } = await runNode("--test", "fleet.test.mjs");
    expect(stdout).toMatch(/^# pass 1$/m);
    expect(stdout).toMatch(/^# fail 0$/m);
  });

  test("a node of it has wallets", async () => {
    writeFileSync(join(folder, "wallet.test.mjs"), WALLET_USER);
    const { stdout } = await runNode("--test", "wallet.test.mjs");
    expect(stdout).toMatch(/^# pass 1$/m);
  });

  test("the commands are there", async () => {
    const { stdout } = await exec(join(folder, "node_modules/.bin/bitfleet"), ["--version"], { cwd: folder });
    expect(stdout).toBe("0.1.0\n");
  });
});
