/**
 * `npm run test:containers -- --measure`: what an operator wants to know of the image and its containers, as a table. Sizes of layers, cold starts, how
 * long a web server takes from scale-up to ready on chains of 1,000 and 20,000 blocks, and what each container then takes of memory.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { cli, docker, exec, inspect, remove, untilHealthy } from "./docker.ts";
import { IMAGE } from "./image-name.ts";
import { makeProject, type Project, removeProject, untilOneChain } from "./project.ts";
import { pause } from "./shell.ts";

const root = process.env.BITFLEET_CONTAINERS_ROOT;
const RUNS = 5;
const HEIGHTS = [1000, 20_000];
/** Blocks that one call makes: it answers within the time that bitcoin-cli waits. */
const BATCH = 500;
const STRANGER = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/** Health looked at as often as that from outside: the container's own check is every four seconds. */
const LOOK_MS = 50;

const row = (what: string, value: string) => console.log(`${what.padEnd(64)} ${value}`);

async function imageSizes() {
  const layers = await docker(["history", "--no-trunc", "--format", "{{.Size}}\t{{.CreatedBy}}", IMAGE]);
  for (const line of layers.split("\n")) {
    const [size, command] = line.split("\t");
    const step = (command || "the base, debian:bookworm-slim").replace(/^\/bin\/sh -c (#\(nop\) )?/, "").trim();
    if (size !== "0B") row(`layer: ${step.slice(0, 56)}`, size!);
  }
  row("image, unpacked", `${(Number(await inspect(IMAGE, "{{.Size}}")) / 1e6).toFixed(0)} MB`);
  const packed = spawnSync("sh", ["-c", `docker save ${IMAGE} | gzip -6 | wc -c`], { encoding: "utf8" });
  row("image, packed as for a registry (gzip)", `${(Number(packed.stdout) / 1e6).toFixed(0)} MB`);
}

/** Seconds from `docker run` until the node answers that it is ready: of a miner with nothing, and of a web server that follows it. */
async function coldStarts() {
  const miners: number[] = [];
  const webServers: number[] = [];
  for (let one = 0; one < RUNS; one += 1) {
    const mining = [
      "NODE_IS_MINER=yes",
      "NODE_IS_WEB_SERVER=no",
      "MINING_FIRST_BLOCKS=101",
      "MINING_INTERVAL_SECONDS=3600",
    ];
    miners.push(await secondsToReady("cold-miner", mining));
    const address = await inspect("cold-miner", "{{.NetworkSettings.IPAddress}}");
    webServers.push(await secondsToReady("cold-web", [`NODE_CONNECT_NODES=${address}:2001`]));
    assert.equal(await cli<number>("cold-web", "getblockcount"), 101);
    await remove("cold-miner", "cold-web");
  }
  row("cold start of a miner to ready, its first 101 blocks made", summary(miners));
  row("cold start of a web server to ready, with its 101 blocks", summary(webServers));
}

async function secondsToReady(name: string, variables: readonly string[]): Promise<number> {
  await remove(name);
  const startMs = performance.now();
  await docker(["run", "-d", "--name", name, ...variables.flatMap((variable) => ["-e", variable]), IMAGE]);
  await untilReady(name);
  return (performance.now() - startMs) / 1000;
}

/** Asks from outside, since asking with a program in the container costs it processor time. */
async function untilReady(name: string) {
  const endMs = Date.now() + 300_000;
  for (;;) {
    const address = await inspect(name, "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}");
    for (const one of address.split(" ").filter(Boolean)) {
      const answer = await fetch(`http://${one}:9332/health/ready`, { signal: AbortSignal.timeout(2000) }).catch(
        () => undefined,
      );
      if (answer?.status === 200) return;
    }
    if (Date.now() > endMs) throw new Error(`${name} does not become ready`);
    await pause(LOOK_MS);
  }
}

const summary = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  return `median ${sorted[Math.floor(sorted.length / 2)]!.toFixed(1)} s (${sorted[0]!.toFixed(1)} to ${sorted.at(-1)!.toFixed(1)}, ${sorted.length} runs)`;
};

async function scaleUps(project: Project) {
  const [first] = await project.replicas("miner");
  for (const height of HEIGHTS) {
    const startMs = performance.now();
    for (;;) {
      const missing = height - (await cli<number>(first!, "getblockcount"));
      if (missing <= 0) break;
      await cli(first!, "generatetoaddress", Math.min(BATCH, missing), STRANGER);
    }
    await untilOneChain([...(await project.replicas("miner")), ...(await project.replicas("webserver"))]);
    row(
      `chain of ${height.toLocaleString("en")} blocks made and followed by all`,
      `${((performance.now() - startMs) / 1000).toFixed(0)} s`,
    );
    await scaleUp(project, height);
    await memory(project, height);
  }
}

async function scaleUp(project: Project, height: number) {
  const seconds: number[] = [];
  const name = `${project.name}-webserver-2`;
  for (let one = 0; one < RUNS; one += 1) {
    await project.compose("up", "-d", "--no-recreate", "--scale", "webserver=1");
    // As one that never ran here: its folder goes too.
    await exec(`${project.name}-webserver-1`, "rm", "-rf", "/app/data/webserver-2");
    const startMs = performance.now();
    const up = project.compose("up", "-d", "--no-recreate", "--scale", "webserver=2");
    await untilRunning(name);
    await untilReady(name);
    seconds.push((performance.now() - startMs) / 1000);
    await up;
    assert.equal(await cli<number>(name, "getblockcount"), height);
  }
  row(`scale-up of a web server to ready, at height ${height.toLocaleString("en")}`, summary(seconds));
  await untilHealthy(name);
}

/** Until the container runs. */
async function untilRunning(name: string) {
  for (;;) {
    const names = await docker(["ps", "--format", "{{.Names}}"]);
    if (names.split("\n").includes(name)) return;
    await pause(LOOK_MS);
  }
}

async function memory(project: Project, height: number) {
  const names = [
    ...(await project.replicas("miner")),
    ...(await project.replicas("webserver")),
    ...(await project.replicas("redis")),
  ];
  await pause(10_000);
  const used = await docker(["stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}\t{{.CPUPerc}}", ...names]);
  for (const line of used.split("\n")) {
    const [name, bytes, processor] = line.split("\t");
    row(`memory at height ${height.toLocaleString("en")}: ${name}`, `${bytes}, processor at rest ${processor}`);
  }
}

async function main(work: string) {
  const only = process.argv[2] ?? "";
  if ("image".includes(only)) await imageSizes();
  if ("starts".includes(only)) await coldStarts();
  if (!"scale".includes(only)) return;
  const project = makeProject(path.join(work, "measure"), "measure", { MINING_INTERVAL_SECONDS: "36000" });
  try {
    const startMs = performance.now();
    await project.script("up.sh");
    row(
      "up.sh with the image there: one miner, one web server, Redis",
      `${((performance.now() - startMs) / 1000).toFixed(1)} s`,
    );
    await scaleUps(project);
  } finally {
    await removeProject(project);
  }
}

if (root === undefined) throw new Error("measure.ts is started by run.ts: npm run test:containers -- --measure");
main(root).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
