/** The image by itself: what it is made of, how it starts, tells its health and ends. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { cli, docker, exec, inspect, logsOf, remove, untilHealthy } from "./docker.ts";
import { IMAGE, VERSION } from "./image-name.ts";
import { run, until } from "./shell.ts";
import type { Steps } from "./steps.ts";

/** What the image may have at most: the parts are Debian's base, Node and 37 MB of ours. */
const IMAGE_BYTES_MAX = 260e6;
const OFTEN = ["--health-interval", "1s"];
const HARDENED = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
const MINER = ["-e", "NODE_IS_MINER=yes", "-e", "NODE_IS_WEB_SERVER=no", "-e", "MINING_FIRST_BLOCKS=101"];
const KEYS = ["-e", "BITCOIN_API_ADMIN_KEY=Xo7vYhQe2mKc9TzR", "-e", "BITCOIN_API_WALLET_KEY=pW4sLk8uJd1bNf6G"];

export async function testImage({ group, step }: Steps): Promise<void> {
  await group(
    "image",
    async () => {
      await step("runs as the user node, holds what programs need and nothing to build with", contents);
      await step("is labelled with its version and tells where it comes from", labels);
      await step("has V8's code cache of its own Node for each program, readable for its user", codeCache);
      await step("refuses placeholder keys in one sentence, with code 1", placeholderKeys);
      await step("refuses a data directory that is not its own in one sentence, with code 1", foreignDirectory);
      await step("runs a miner on a root file system that cannot be written, behind tini, and is healthy", miner);
      await step("answers bitcoin-cli without options, checks signatures natively and can publish by ZeroMQ", pieces);
      await step(
        "ends in order on docker stop, with code 0, and goes on with its chain when it starts again",
        stopAndStart,
      );
      await step("calls a web server without a chain unhealthy, and says why", lonelyWebServer);
      await step("lists all that it is made of: npm packages and Debian's", billOfMaterials);
    },
    async () => {
      for (const name of ["miner", "web"])
        console.log(`--- ${name}\n${await logsOf(name)}`.split("\n").slice(-20).join("\n"));
    },
  );
  await remove("miner", "web");
}

async function contents() {
  assert.equal(await inspect(IMAGE, "{{.Config.User}}"), "node");
  assert.equal(
    await inspect(IMAGE, "{{json .Config.Entrypoint}}{{json .Config.Cmd}}"),
    '["/usr/bin/tini","--"]["bitcoind"]',
  );
  const volumes = Object.keys(JSON.parse(await inspect(IMAGE, "{{json .Config.Volumes}}")));
  assert.deepEqual(volumes.sort(), ["/app/data", "/app/wallets"]);
  const bytes = Number(await inspect(IMAGE, "{{.Size}}"));
  assert.ok(bytes < IMAGE_BYTES_MAX, `the image has ${(bytes / 1e6).toFixed(0)} MB`);
  const script = `id -u; id -g; cd /usr/local/bin && ls; for one in npm npx yarn gcc make python3 curl; do command -v $one; done; ls /app; ls /app/node_modules`;
  const lines = (await docker(["run", "--rm", "--entrypoint", "sh", IMAGE, "-c", script])).split("\n");
  assert.deepEqual(lines, [
    ...["1000", "1000"],
    ...["bitcoin-cli", "bitcoind", "bitfleet", "node"],
    ...["LICENSE", "apps", "data", "dist", "node_modules", "packages", "wallets"],
    ...["@koromix", "cmake-ts", "koffi", "zeromq"],
  ]);
}

async function labels() {
  const found = JSON.parse(await inspect(IMAGE, "{{json .Config.Labels}}"));
  assert.equal(found["org.opencontainers.image.version"], VERSION);
  assert.match(found["org.opencontainers.image.revision"], /^([0-9a-f]{40}|unknown)$/);
  for (const name of ["title", "description", "licenses"]) assert.ok(found[`org.opencontainers.image.${name}`], name);
}

async function codeCache() {
  const script = `
    const fs = require("fs"), vm = require("vm");
    for (const name of ["bitcoind", "bitcoin-cli", "bitfleet"]) {
      const file = "/app/dist/" + name + ".cjs";
      const source = "(function (exports, require, module, __filename, __dirname) { " + fs.readFileSync(file, "utf8") + "\\n})";
      const script = new vm.Script(source, { filename: file, cachedData: fs.readFileSync(file + ".cache") });
      console.log(name, script.cachedDataRejected ? "refused" : "taken");
    }`;
  const lines = await docker(["run", "--rm", "--entrypoint", "node", IMAGE, "-e", script]);
  assert.deepEqual(lines.split("\n"), ["bitcoind taken", "bitcoin-cli taken", "bitfleet taken"]);
}

async function placeholderKeys() {
  const options = ["-e", "BITCOIN_API_ADMIN_KEY=admin-secret"];
  const { code, stderr, stdout } = await run("docker", ["run", "--rm", ...HARDENED, ...options, IMAGE], {
    mayFail: true,
  });
  assert.equal(code, 1, stdout);
  assert.match(stderr.trim(), /^Error: [^\n]*(key|admin)[^\n]*\.$/i);
}

async function foreignDirectory() {
  const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-root-owned-"));
  try {
    const { code, stderr } = await run(
      "docker",
      ["run", "--rm", ...HARDENED, ...KEYS, "-v", `${folder}:/app/data`, IMAGE],
      { mayFail: true },
    );
    assert.equal(code, 1);
    assert.match(stderr.trim(), /^Error: [^\n]*\/app\/data[^\n]*$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function miner() {
  await docker([
    "run",
    "-d",
    "--name",
    "miner",
    ...HARDENED,
    ...OFTEN,
    ...MINER,
    "-e",
    "MINING_INTERVAL_SECONDS=3600",
    IMAGE,
    "bitcoind",
    "-dnsseed=0",
    "-zmqpubhashblock=tcp://127.0.0.1:28332",
  ]);
  await untilHealthy("miner");
  assert.equal(await exec("miner", "cat", "/proc/1/comm"), "tini");
  const { code, stderr } = await run("docker", ["exec", "miner", "touch", "/app/x"], { mayFail: true });
  assert.equal(code, 1);
  assert.match(stderr, /Read-only file system/);
  const written = await docker(["diff", "miner"]);
  assert.equal(
    written.replace(/^[AC] \/(tmp|app|app\/data|app\/wallets|run|etc|dev)\S*$/gm, "").trim(),
    "",
    "the container wrote beside its volumes",
  );
}

async function pieces() {
  assert.equal((await cli<{ chain: string }>("miner", "getblockchaininfo")).chain, "regtest");
  assert.equal(await cli<number>("miner", "getblockcount"), 101);
  assert.match(await logsOf("miner"), /libsecp256k1/i);
  assert.doesNotMatch(await logsOf("miner"), /portable/i);
  assert.equal((await cli<{ type: string }[]>("miner", "getzmqnotifications"))[0]?.type, "pubhashblock");
}

async function stopAndStart() {
  const tip = await cli("miner", "getbestblockhash");
  await docker(["stop", "--time", "60", "miner"]);
  assert.equal(await inspect("miner", "{{.State.ExitCode}} {{.State.OOMKilled}}"), "0 false");
  assert.match(await logsOf("miner"), /Shutdown done/);
  await docker(["start", "miner"]);
  await untilHealthy("miner");
  assert.equal(await cli("miner", "getbestblockhash"), tip);
  const ended = docker(["wait", "miner"]);
  await exec("miner", "bitcoin-cli", "stop");
  assert.equal(await ended, "0");
}

async function lonelyWebServer() {
  await docker([
    "run",
    "-d",
    "--name",
    "web",
    ...HARDENED,
    ...KEYS,
    ...OFTEN,
    "--health-start-period",
    "1ms",
    "--health-retries",
    "1",
    IMAGE,
  ]);
  await until(
    "verdict on the web server",
    async () => (await inspect("web", "{{.State.Health.Status}}")) === "unhealthy",
    30_000,
  );
  const ask = () => run("docker", ["exec", "web", "bitfleet", "health"], { mayFail: true });
  const { code } = await until("reason why it is not ready", async () => {
    const answer = await ask();
    return /^[^\n]*block[^\n]*\n$/.test(answer.stdout) && answer;
  });
  assert.equal(code, 1);
  assert.equal((await run("docker", ["exec", "web", "bitfleet", "health", "--live"], { mayFail: true })).code, 0);
  await docker(["stop", "--time", "60", "web"]);
  assert.equal(await inspect("web", "{{.State.ExitCode}}"), "0");
}

async function billOfMaterials() {
  const root = path.resolve(import.meta.dirname, "../..");
  const bill = JSON.parse(
    await docker(["version", "-f", "{{.Client.Version}}"])
      .then(() => run("bash", [path.join(root, "deploy/docker/sbom.sh"), IMAGE]))
      .then(({ stdout }) => stdout),
  );
  assert.equal(bill.bomFormat, "CycloneDX");
  const named = new Set(bill.components.map((one: { purl?: string }) => one.purl?.replace(/[@?].*$/, "")));
  for (const purl of [
    "pkg:npm/fastify",
    "pkg:npm/koffi",
    "pkg:deb/debian/libsecp256k1-1",
    "pkg:deb/debian/tini",
    "pkg:deb/debian/libc6",
  ])
    assert.ok(named.has(purl), purl);
  assert.ok(!named.has("pkg:npm/vitest"), "a package of the tests is listed");
}
