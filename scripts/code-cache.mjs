import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onFreePorts } from "./free-ports.mjs";
import { giveUp, ROOT } from "./steps.mjs";

const DIST = path.join(ROOT, "dist");

/**
 * Runs a bundle as it will be used, and keeps what V8 compiled: a node that starts, answers calls and stops; twice, so that
 * the start on a chain that is there already is among it.
 * @param {string} name
 */
export async function writeCodeCache(name) {
  const dataDir = mkdtempSync(path.join(tmpdir(), "bitfleet-build-"));
  const cache = path.join(DIST, `${name}.cjs.cache`);
  rmSync(cache, { force: true });
  if (name !== "bitcoin-cli") await runOnce(name, dataDir, undefined);
  await runOnce(name, dataDir, cache);
  rmSync(dataDir, { recursive: true, force: true });
  if (!existsSync(cache)) giveUp(`the bundle ${name} leaves no code cache`);
}

/** @param {string} name @param {string} dataDir @param {string | undefined} cache */
async function runOnce(name, dataDir, cache) {
  const problem = await onFreePorts(2, (port, webPort) => run(name, dataDir, cache, port, webPort));
  if (problem !== "") giveUp(`the bundle ${name} does not run: ${problem}`);
}

/**
 * What it said where it did not end well, and nothing where it did.
 * @param {string} name @param {string} dataDir @param {string | undefined} cache @param {number} port @param {number} webPort
 */
async function run(name, dataDir, cache, port, webPort) {
  const node = [
    "-regtest",
    `-datadir=${dataDir}`,
    `-rpcport=${port}`,
    "-listen=0",
    "-printtoconsole=0",
    "-checklevel=4",
  ];
  const args = { bitcoind: node, bitfleet: ["node", ...node, `-webport=${webPort}`] }[name] ?? ["-version"];
  const child = spawn(process.execPath, [path.join(ROOT, "packages/node/bin", name), ...args], {
    env: cache === undefined ? process.env : { ...process.env, BITFLEET_WRITE_CODE_CACHE: cache },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    timeout: 60_000,
  });
  let errors = "";
  child.stderr?.on("data", (text) => {
    errors += text;
  });
  child.once("message", async () => {
    const cookie = readFileSync(path.join(dataDir, "regtest/.cookie"), "utf8");
    await call(port, cookie, "generatetoaddress", [3, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"]);
    await call(port, cookie, "getblockchaininfo", []);
    await call(port, cookie, "stop", []);
  });
  const [code, signal] = await once(child, "close");
  return code === 0 ? "" : errors || `it ended with ${code ?? signal}`;
}

/** @param {number} port @param {string} cookie @param {string} method @param {readonly unknown[]} params */
async function call(port, cookie, method, params) {
  const reply = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}`, "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  if (!reply.ok) giveUp(`the bundle does not answer ${method}: ${await reply.text()}`);
}
