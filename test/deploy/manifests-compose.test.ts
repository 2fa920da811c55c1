import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { readConfig } from "@bitfleet/node/config/config.ts";
import { makePlaces, readContainer } from "@bitfleet/node/config/container/container-start.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryProblem } from "./memory.ts";

/** The files for Docker Compose as Compose itself reads them; no engine is needed for that. */

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");
const COMPOSE = join(ROOT, "deploy/compose");
const UNPACKED = join(ROOT, "node_modules/.cache/bitfleet-deploy-tools/usr/libexec/docker/cli-plugins/docker-compose");
const PID_LIMIT_MAX = 20_000;

type Command = readonly [program: string, ...words: string[]];

const compose = (): Command | undefined => {
  const candidates: Command[] = [["docker", "compose"], [UNPACKED]];
  return candidates.find(([program, ...words]) => {
    try {
      return /^v?2\./.test(execFileSync(program, [...words, "version", "--short"], { stdio: "pipe" }).toString());
    } catch {
      return false;
    }
  });
};
const command = compose();
const SKIPPED = command === undefined || !existsSync(COMPOSE);
if (SKIPPED)
  console.warn(
    "SKIPPED: the files for Docker Compose are checked where Compose 2 is; .ci/get-deploy-tools unpacks one.",
  );

const folder = mkdtempSync(join(tmpdir(), "bitfleet-compose-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Those that are started; the other one is what they have in common. */
const FILES = ["compose.yaml", "compose.miner.yaml", "compose.webserver.yaml"];
const SECRETS = {
  BITCOIN_API_ADMIN_KEY: "0f1c6a5e9b3d7284a1c0e5f60718293a4b5c6d7e8f901234",
  BITCOIN_API_WALLET_KEY: "9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a65",
  MINER_ADDRESS: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
  TREASURY_MNEMONIC: "legal winner thank year wave sausage worth useful legal winner thank yellow",
  REDIS_PASSWORD: "5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f",
};

async function config(file: string, variables: Readonly<Record<string, string>> = SECRETS): Promise<Project> {
  const [program, ...words] = command as Command;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
  const options = ["--project-name", "p", "--env-file", "/dev/null", "-f", join(COMPOSE, file)];
  const { stdout } = await run(program, [...words, ...options, "config", "--format", "json"], { env });
  return JSON.parse(stdout) as Project;
}

interface Service {
  readonly image: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly stop_grace_period?: string;
  readonly cap_drop: readonly string[];
  readonly command?: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly ports?: readonly { readonly target: number; readonly published: string; readonly host_ip?: string }[];
  readonly ulimits?: Readonly<Record<string, number | { readonly hard: number }>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly { readonly target: string }[];
  readonly deploy: { readonly resources: { readonly limits: { readonly memory: string } } };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
interface Project {
  readonly services: Readonly<Record<string, Service>>;
}

describe.skipIf(SKIPPED)("the files for Docker Compose", () => {
  let projects: Readonly<Record<string, Project>>;
  let services: readonly (readonly [name: string, service: Service])[];
  beforeAll(async () => {
    projects = Object.fromEntries(await Promise.all(FILES.map(async (file) => [file, await config(file)] as const)));
    services = Object.values(projects).flatMap((project) => Object.entries(project.services));
  });

  test("are all looked at, and have the services that people look for", () => {
    const there = readdirSync(COMPOSE).filter((name) => /^compose\..*yaml$/.test(name));
    expect(there.sort()).toEqual([...FILES].sort());
    expect(Object.keys(projects["compose.yaml"]?.services ?? {}).sort()).toEqual(["miner", "redis", "webserver"]);
  });

  test("start nothing without secrets, and say what to run", async () => {
    await expect(config("compose.yaml", {})).rejects.toThrow(/up\.sh/);
  });

  test("run nothing as root, nothing that may write to its image, and only images with a version", () => {
    for (const [name, { image, user, read_only: isReadOnly, cap_drop: dropped, ulimits = {} }] of services) {
      expect(user, name).toMatch(/^(?!0|root)/);
      expect(isReadOnly, name).toBe(true);
      expect(dropped, name).toContain("ALL");
      expect(image, name).toMatch(/:\d[\w.-]*$/);
      for (const limit of Object.values(ulimits)) {
        expect(typeof limit === "number" ? limit : limit.hard).toBeLessThanOrEqual(PID_LIMIT_MAX);
      }
    }
  });

  test("publish ranges of ports for what scales, on this machine alone unless told otherwise", () => {
    const portsOf = (name: string) =>
      (projects["compose.yaml"]?.services[name]?.ports ?? []).map(
        ({ host_ip: host, published, target }) => `${host}:${published.split("-")[0]}->${target}`,
      );
    expect(portsOf("miner")).toEqual(["127.0.0.1:2001->2001"]);
    expect(portsOf("webserver")).toEqual(["127.0.0.1:8080->8080", "127.0.0.1:2101->2001"]);
    expect(portsOf("redis")).toEqual([]);
    for (const [, { ports = [] }] of services)
      for (const { published } of ports) expect(published).toMatch(/^\d+-\d+$/);
  });

  test("ask each container how it is, and start web servers behind miners and Redis", () => {
    for (const [name, { healthcheck }] of services) {
      if (name !== "redis") expect(healthcheck.test).toEqual(["CMD", "bitfleet", "health"]);
      else expect(healthcheck.test.join(" ")).toContain("redis-cli");
    }
    expect(projects["compose.yaml"]?.services.webserver?.depends_on).toMatchObject({
      miner: { condition: "service_healthy" },
      redis: { condition: "service_healthy" },
    });
  });

  test("give nodes only variables that they read, with values that they take", async () => {
    for (const [name, service] of services.filter(([one]) => one !== "redis")) {
      const { read, warnings } = await readAs(service);
      const words = (service.command ?? []).join("\n");
      const unread = Object.keys(service.environment).filter((one) => !read.has(one) && !words.includes(one));
      expect(unread, name).toEqual([]);
      expect(warnings, name).toEqual([]);
    }
  });

  test("a variable that nothing reads, and a value that is none, would be found", async () => {
    const miner = projects["compose.yaml"]?.services.miner as Service;
    const withMore = { ...miner, environment: { ...miner.environment, NODE_MINER: "yes" } };
    expect((await readAs(withMore)).read.has("NODE_MINER")).toBe(false);
    const wrong = { ...miner, environment: { ...miner.environment, NODE_IS_MINER: "of course" } };
    await expect(readAs(wrong)).rejects.toThrow("yes or no is expected");
    const full = { ...miner, deploy: { resources: { limits: { memory: String(2 ** 30) } } } };
    expect((await readAs(full)).warnings.join()).toContain("V8 has 537");
  });

  test("have places that can be written where nodes write, and a network to whom they call", () => {
    for (const [name, { tmpfs = [], volumes = [], networks, environment }] of services) {
      const places = [...tmpfs.map((one) => one.split(":")[0]), ...volumes.map(({ target }) => target)];
      const needed = name === "redis" ? ["/data", "/tmp"] : ["/app/data", "/app/wallets", "/tmp"];
      expect(places.sort(), name).toEqual(needed);
      if ("REDIS_URL" in environment) expect(environment.REDIS_URL).toMatch(/@redis:6379$/);
      const expected = { miner: ["nodes"], webserver: ["limits", "nodes"], redis: ["limits"] }[name];
      expect(Object.keys(networks).sort(), name).toEqual(expected);
    }
  });

  test("let web servers answer on for a moment when they are stopped, and end before they are killed", () => {
    for (const [name, { environment, stop_grace_period: grace }] of services.filter(([one]) => one === "webserver")) {
      const drain = Number(environment.WEB_DRAIN_SECONDS);
      expect(drain, name).toBeGreaterThanOrEqual(1);
      expect(grace, name).toBe("1m0s");
      expect(drain + 30, name).toBeLessThanOrEqual(60);
    }
  });
});

/** Reads a service's variables as the node of its first container does. */
async function readAs({ environment, command: words, deploy }: Service) {
  const read = new Set<string>();
  const image = {
    NODE_NETWORK: "regtest",
    NODE_DATA_DIR: folder,
    NODE_WALLET_DIR: folder,
    WEB_METRICS_BIND: "0.0.0.0:9332",
    INSTANCE_NUMBER: "1",
  };
  const watched = new Proxy<Record<string, string>>(
    { ...image, ...environment },
    {
      get: (target, name) => {
        if (typeof name === "string") read.add(name);
        return target[name as string];
      },
    },
  );
  const options = (words ?? [])
    .join(" ")
    .split(" ")
    .filter((word) => word.startsWith("-") && word.includes("="));
  const noLookup = () => {
    throw new Error("The first container of a service needs no lookup.");
  };
  const start = await readContainer(watched, options, noLookup, new AbortController().signal);
  makePlaces(start.places);
  const outcome = readConfig([...start.args, ...options], { defaultDataDir: folder, workingDir: folder }, "0");
  const warnings =
    outcome.action === "run"
      ? [
          ...start.warnings,
          ...outcome.config.warnings,
          ...memoryProblem(outcome.config, Number(deploy.resources.limits.memory)),
        ]
      : ["It runs no node."];
  return { read, warnings };
}
