/** A Compose project of the tests: the shipped folder, copied, so that keys of whoever runs the tests are neither read nor written. */
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { cli, docker, inspect } from "./docker.ts";
import { type Finished, type RunOptions, run, until } from "./shell.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

export interface Project {
  readonly name: string;
  readonly folder: string;
  /** `docker compose` in the folder. */
  readonly compose: (...args: string[]) => Promise<Finished>;
  /** A script of the folder. */
  readonly script: (name: string, ...args: string[]) => Promise<Finished>;
  /** The same, of one that is expected to fail. */
  readonly failing: (program: string, ...args: string[]) => Promise<Finished>;
  /** Names of a service's running containers by number. */
  readonly replicas: (service: string) => Promise<readonly string[]>;
  /** A variable of .env. */
  readonly value: (name: string) => string;
}

/** A copy of the shipped files below `parent`. `env` is what the scripts and Compose are given beside .env. */
export function makeProject(parent: string, name: string, env: Record<string, string> = {}): Project {
  const folder = path.join(parent, "deploy/compose");
  rmSync(parent, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(ROOT, "deploy/compose"), folder, { recursive: true, filter: (file) => !/\.env$/.test(file) });
  cpSync(path.join(ROOT, "package.json"), path.join(parent, "package.json"));
  const options: RunOptions = { cwd: folder, env: { COMPOSE_PROJECT_NAME: name, ...env }, timeoutMs: 240_000 };
  return {
    name,
    folder,
    compose: (...args) => run("docker", ["compose", ...args], options),
    script: (file, ...args) => run(`./${file}`, args, options),
    failing: async (program, ...args) => {
      const finished = await run(program, args, { ...options, mayFail: true });
      if (finished.code === 0) throw new Error(`${program} ${args.join(" ")} succeeds: ${finished.stdout}`);
      return finished;
    },
    replicas: async (service) => {
      const filters = [`project=${name}`, `service=${service}`].map((one) => `label=com.docker.compose.${one}`);
      const listed = await docker(["ps", "--format", "{{.Names}}", ...filters.flatMap((one) => ["--filter", one])]);
      return listed.split("\n").filter(Boolean).sort(byNumber);
    },
    value: (variable) =>
      new RegExp(`^${variable}='?(.*?)'?$`, "m").exec(readFileSync(path.join(folder, ".env"), "utf8"))?.[1] ?? "",
  };
}

const numberOf = (name: string) => Number(/(\d+)$/.exec(name)?.[1]);
const byNumber = (a: string, b: string) => numberOf(a) - numberOf(b);

/** Takes a project away with all it has. */
export async function removeProject(project: Project): Promise<void> {
  await project.compose("down", "--volumes", "--remove-orphans", "--timeout", "10").catch(() => {});
  rmSync(path.resolve(project.folder, "../.."), { recursive: true, force: true });
}

/** Waits until all these nodes have the same tip, which it answers. */
export const untilOneChain = (nodes: readonly string[]): Promise<string> =>
  until("one chain", async () => {
    const tips = await Promise.all(nodes.map((name) => cli(name, "getbestblockhash")));
    return new Set(tips).size === 1 ? (tips[0] as string) : undefined;
  });

/** Fails unless every one of the containers is healthy. */
export async function areHealthy(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const health = await inspect(name, "{{.State.Health.Status}}");
    if (health !== "healthy") throw new Error(`${name} is ${health}`);
  }
}
