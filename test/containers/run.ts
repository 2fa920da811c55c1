/**
 * `npm run test:containers`: builds the shipped Dockerfile, and tests the image and what deploy/compose says about it in an engine of its own. Root on
 * Linux alone can; elsewhere it says loudly why not and ends with 0, or with 3 where `--require` is given.
 *
 *   --require         an engine has to start
 *   --only TEXT       only groups of tests with that text in their names
 *   --root DIR        keep images below DIR for the next run (a temporary directory otherwise, which goes at the end)
 *   --measure         measure instead of testing (measure.ts); with --only image, starts or scale just that
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureBases } from "./bases.ts";
import { ensureCompose } from "./compose-tool.ts";
import {
  addNamespace,
  type Engine,
  machineFacts,
  NoEngine,
  removeEngineData,
  removeNamespace,
  startEngine,
  whyNoEngine,
} from "./engine.ts";
import { IMAGE, VERSION } from "./image-name.ts";
import { output, run } from "./shell.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const NOT_RUN = 3;
const BUILD_MS_MAX = 600_000;

const { values } = parseArgs({
  options: {
    require: { type: "boolean", default: false },
    measure: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    root: { type: "string" },
  },
});

/** What is to be undone, the last first; a signal undoes it too. */
const undo: (() => Promise<unknown>)[] = [];
let isEnding = false;

async function end(code: number): Promise<never> {
  if (!isEnding) {
    isEnding = true;
    for (const one of undo.reverse()) await one().catch((error) => console.log(String(error)));
    process.exit(code);
  }
  return new Promise(() => {});
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end(130));

function notRun(reason: string): Promise<never> {
  const line = "=".repeat(100);
  console.log(`${line}\nNO CONTAINER WAS TESTED: ${reason}.\n${line}`);
  return end(values.require ? NOT_RUN : 0);
}

async function main(): Promise<void> {
  const reason = await whyNoEngine();
  if (reason !== undefined) return notRun(reason);
  console.log(await machineFacts());
  const root = values.root === undefined ? await temporaryRoot() : path.resolve(values.root);
  mkdirSync(root, { recursive: true });
  await timed("engine for building", async () => {
    const engine = await startEngine(root);
    undo.push(engine.stop);
    return `storage driver ${await output("docker", ["info", "-f", "{{.Driver}}, cgroups by {{.CgroupDriver}} v{{.CgroupVersion}}"], engine)}`;
  });
  const builder: Engine = { env: engineEnv(root), stop: undo.at(-1) as Engine["stop"] };
  await timed("base images", () => ensureBases(builder, root));
  await timed("compose", () => ensureCompose(builder, root));
  await timed(`image ${IMAGE}`, () => buildImage(builder));
  undo.pop();
  await builder.stop();

  const namespace = `bitfleet-${process.pid}`;
  undo.push(() => removeNamespace(namespace));
  await addNamespace(namespace);
  await timed("engine with a network of its own", async () => {
    const engine = await startEngine(root, namespace);
    undo.push(engine.stop);
    return "";
  });
  const code = await inNamespace(namespace, root);
  await end(code);
}

const engineEnv = (root: string) => ({
  DOCKER_HOST: `unix://${path.join(root, "docker.sock")}`,
  DOCKER_CONFIG: path.join(root, "config"),
  DOCKER_CONTEXT: "",
});

/** Layers belong on a disk: where temporary files are kept in memory, in the other place for them. */
async function temporaryRoot(): Promise<string> {
  const { stdout } = await run("stat", ["-f", "-c", "%T", "/tmp"], { mayFail: true });
  const root = mkdtempSync(path.join(stdout.trim() === "tmpfs" ? "/var/tmp" : "/tmp", "bitfleet-containers-"));
  undo.push(() => removeEngineData(root));
  return root;
}

async function buildImage({ env }: Engine): Promise<string> {
  const revision = await output("git", ["rev-parse", "HEAD"], { cwd: ROOT, mayFail: true });
  const labels = [`VERSION=${VERSION}`, `REVISION=${revision || "unknown"}`].flatMap((one) => ["--build-arg", one]);
  const args = ["build", "--network=host", "-f", "deploy/docker/Dockerfile", "-t", IMAGE, ...labels, "."];
  await run("docker", args, { cwd: ROOT, env, timeoutMs: BUILD_MS_MAX });
  const bytes = Number(await output("docker", ["image", "inspect", "-f", "{{.Size}}", IMAGE], { env }));
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** The tests themselves run where published ports can be reached. */
async function inNamespace(namespace: string, root: string): Promise<number> {
  const tsx = path.join(ROOT, "node_modules/tsx/dist/cli.mjs");
  const script = path.join(import.meta.dirname, values.measure ? "measure.ts" : "scenarios.ts");
  const args = [`--net=/run/netns/${namespace}`, process.execPath, tsx, script, values.only];
  const child = spawn("nsenter", args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...engineEnv(root), BITFLEET_CONTAINERS_ROOT: root },
    detached: true,
  });
  const gone = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  undo.push(async () => {
    if (child.exitCode === null && child.pid !== undefined) {
      process.kill(-child.pid, "SIGKILL");
      await gone;
    }
  });
  return gone;
}

async function timed(what: string, body: () => Promise<string>): Promise<void> {
  const startMs = Date.now();
  const told = await body();
  console.log(`${((Date.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${what}${told === "" ? "" : `: ${told}`}`);
}

main().catch(async (error) => {
  if (error instanceof NoEngine) await notRun(error.message);
  console.log(error instanceof Error ? error.message : String(error));
  await end(1);
});
