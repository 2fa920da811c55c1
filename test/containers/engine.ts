/**
 * A Docker engine of the tests' own: its data, its socket and, where containers are to talk to each other, its network namespace are apart from
 * whatever the machine has, and nothing of it is left behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { output, pause, run } from "./shell.ts";

export interface Engine {
  /** Environment with which `docker` means this engine. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Why there is no engine, for people: what is missing on this machine. */
export class NoEngine extends Error {}

const PROGRAMS = ["docker", "dockerd", "containerd", "runc", "iptables", "nsenter", "ip"];
const START_MS_MAX = 30_000;
const STOP_MS_MAX = 20_000;

/** What keeps this machine from running an engine, or nothing. */
export async function whyNoEngine(): Promise<string | undefined> {
  if (process.platform !== "linux") return `containers need Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "an engine of one's own needs root, which this user is not";
  const missing: string[] = [];
  for (const name of PROGRAMS) {
    if ((await run("sh", ["-c", `command -v ${name}`], { mayFail: true })).code !== 0) missing.push(name);
  }
  if (missing.length === 0) return undefined;
  return `${missing.join(", ")} cannot be found; test/containers/install.sh installs what is missing`;
}

/** What containers will run on, as one line of facts. */
export async function machineFacts(): Promise<string> {
  const cgroups = existsSync("/sys/fs/cgroup/cgroup.controllers") ? "cgroup v2" : "cgroup v1";
  const iptables = await output("iptables", ["--version"], { mayFail: true });
  const kernel = await output("uname", ["-r"]);
  const versions = [await output("docker", ["--version"]), await output("dockerd", ["--version"])];
  return [`kernel ${kernel}`, cgroups, iptables, ...versions].join("; ");
}

/**
 * Starts an engine whose data are below `root`. Without a namespace it has no network of its own and touches no firewall: images are built in it, with
 * the machine's network. With one, containers have a bridge there, from which nothing outside is reached. Throws {@link NoEngine}.
 */
export async function startEngine(root: string, namespace?: string): Promise<Engine> {
  mkdirSync(path.join(root, "config"), { recursive: true });
  const socket = path.join(root, "docker.sock");
  const log = path.join(root, "dockerd.log");
  const network = namespace === undefined ? ["--bridge=none", "--iptables=false", "--ip6tables=false"] : [];
  const args = [
    `--data-root=${path.join(root, "data")}`,
    `--exec-root=${path.join(root, "run")}`,
    `--pidfile=${path.join(root, "docker.pid")}`,
    `--host=unix://${socket}`,
    `--config-file=${path.join(root, "daemon.json")}`,
    ...network,
  ];
  rmSync(path.join(root, "docker.pid"), { force: true });
  writeFileSync(path.join(root, "daemon.json"), "{}");
  const logFile = openSync(log, "w");
  const enter = namespace === undefined ? [] : ["nsenter", `--net=/run/netns/${namespace}`];
  const [command = "dockerd", ...rest] = [...enter, "dockerd", ...args];
  const searchPath = namespace === undefined ? undefined : await pathWithIptables(root, enter);
  const child = spawn(command, rest, {
    stdio: ["ignore", logFile, logFile],
    detached: true,
    env: { ...process.env, ...(searchPath && { PATH: searchPath }) },
  });
  closeSync(logFile);
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: path.join(root, "config"), DOCKER_CONTEXT: "" };
  const engine = { env, stop: () => stopEngine(child, root, env) };
  try {
    await waitForEngine(child, env, log);
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return engine;
}

/**
 * A PATH on which `iptables` is one that this kernel understands: the default may be for nf_tables where the kernel has the older tables alone, or the
 * other way round. Throws {@link NoEngine} where none does.
 */
async function pathWithIptables(root: string, enter: readonly string[]): Promise<string | undefined> {
  const problems: string[] = [];
  for (const name of ["iptables", "iptables-nft", "iptables-legacy"]) {
    const [command = "", ...args] = [...enter, name, "-t", "nat", "-S"];
    const { code, stderr } = await run(command, args, { mayFail: true });
    if (code !== 0) {
      problems.push(stderr.trim().split("\n")[0] ?? "");
      continue;
    }
    if (name === "iptables") return undefined;
    const folder = path.join(root, "programs");
    mkdirSync(folder, { recursive: true });
    for (const variant of ["", "-save", "-restore"]) {
      const program = await output("sh", ["-c", `command -v ${name}${variant}`]);
      rmSync(path.join(folder, `iptables${variant}`), { force: true });
      symlinkSync(program, path.join(folder, `iptables${variant}`));
    }
    return `${folder}:${process.env.PATH}`;
  }
  throw new NoEngine(`no iptables works with this kernel: ${problems.join(" | ")}`);
}

async function waitForEngine(child: ChildProcess, env: Engine["env"], log: string): Promise<void> {
  const endMs = Date.now() + START_MS_MAX;
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code) => {
    ended = `code ${code}`;
  });
  for (;;) {
    if ((await run("docker", ["version"], { env, mayFail: true })).code === 0) return;
    if (ended !== undefined) throw new NoEngine(`dockerd ended (${ended}): ${lastErrors(log)}`);
    if (Date.now() > endMs) throw new NoEngine(`dockerd does not answer: ${lastErrors(log)}`);
    await pause(100);
  }
}

/** The lines of the engine's log that say what went wrong. */
function lastErrors(log: string): string {
  const lines = readFileSync(log, "utf8").trim().split("\n");
  const errors = lines.filter((line) => /level=(error|fatal)|^failed/.test(line));
  return (errors.length > 0 ? errors : lines).slice(-3).join(" | ");
}

async function stopEngine(child: ChildProcess, root: string, env: Engine["env"]): Promise<void> {
  // Of what tests left, when they were cut short, a next run in the same directory is to find nothing but images.
  const removals = [
    { list: ["ps", "-aq"], remove: ["rm", "-f", "-v"] },
    { list: ["volume", "ls", "-q"], remove: ["volume", "rm", "-f"] },
    { list: ["network", "ls", "-q", "--filter", "type=custom"], remove: ["network", "rm"] },
  ];
  for (const { list, remove } of removals) {
    const names = (await run("docker", list, { env, mayFail: true })).stdout.split("\n").filter(Boolean);
    if (names.length > 0) await run("docker", [...remove, ...names], { env, mayFail: true });
  }
  if (child.exitCode === null && child.pid !== undefined) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    child.kill("SIGTERM");
    await gone;
    clearTimeout(late);
  }
  for (const pid of processesOf(root)) tryKill(pid);
}

/** What of the engine outlived it: containerd and its shims name the directory on their command lines. */
function processesOf(root: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const program = path.basename(tryRead(() => readlinkSync(`/proc/${pid}/exe`)));
      if (!/^(dockerd|docker-proxy|containerd.*|runc)$/.test(program)) return false;
      return tryRead(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")).includes(root);
    })
    .map(Number);
}

function tryRead(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function tryKill(pid: number) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Takes all that an engine left below `root` away, layers too; mounts first, since `rm` stops at them. */
export async function removeEngineData(root: string): Promise<void> {
  const mounts = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((mount) => mount.startsWith(`${root}/`));
  for (const mount of mounts.reverse()) await run("umount", ["-l", mount], { mayFail: true });
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** A network namespace with nothing in it but loopback. */
export async function addNamespace(name: string): Promise<void> {
  await run("ip", ["netns", "add", name]);
  await run("ip", ["-n", name, "link", "set", "lo", "up"]);
}

export async function removeNamespace(name: string): Promise<void> {
  await run("ip", ["netns", "del", name], { mayFail: true });
}
