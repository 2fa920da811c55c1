import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Every name that the orchestrator gives begins so, with the number of the process that made it behind. */
const PREFIX = "bfo";
const FOLDER_PREFIX = "bitfleet-pods-";
const NAMESPACES = "/run/netns";

/** The address that every pod has as its gateway: no pod shares a link with another, so that all they say passes the node's rules. */
const GATEWAY = "169.254.1.1";

/**
 * The network of a cluster: one namespace for the node, and one for each pod, tied to it by a pair of interfaces. Nothing of it is
 * connected to the machine's own network.
 */
export class ClusterNetwork {
  readonly node: string;
  readonly #prefix: string;
  #made = 0;

  constructor(number: number) {
    this.#prefix = `${PREFIX}${process.pid}n${number}`;
    this.node = `${this.#prefix}-node`;
    ip("netns", "add", this.node);
    ip("-n", this.node, "link", "set", "lo", "up");
    inNamespace(this.node, "sysctl", "-qw", "net.ipv4.ip_forward=1");
  }

  /** A folder for what pods have on disk; who made it removes it, or {@link removeLeftovers}. */
  makeFolder(): string {
    return mkdtempSync(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  }

  /** Gives `address` a namespace of its own and returns its name. */
  add(address: string): string {
    const number = ++this.#made;
    const name = `${this.#prefix}-${number}`;
    const link = `v${number}`;
    ip("netns", "add", name);
    ipBatch(this.node, [`link add ${link} type veth peer name eth0 netns ${name}`]);
    ipBatch(this.node, [
      `link set ${link} up`,
      `address add ${GATEWAY}/32 dev ${link}`,
      `route add ${address}/32 dev ${link}`,
    ]);
    ipBatch(name, [
      "link set lo up",
      `address add ${address}/32 dev eth0`,
      "link set eth0 up",
      `route add ${GATEWAY} dev eth0 scope link`,
      `route add default via ${GATEWAY}`,
    ]);
    return name;
  }

  remove(name: string): void {
    removeNamespace(name);
  }

  /** Puts rules in the place of those of the node, at once. */
  setRules(ruleset: string): void {
    inNamespaceWith(this.node, ruleset, "nft", "-f", "-");
  }

  /** Rules as they are, with their counters. */
  rules(): string {
    return inNamespace(this.node, "nft", "list", "ruleset");
  }

  close(): void {
    for (const name of namespaces()) if (name.startsWith(`${this.#prefix}-`)) removeNamespace(name);
  }
}

/** Removes what runs of earlier processes, which are no more, have left. */
export function removeLeftovers(): void {
  for (const name of namespaces()) {
    const [, owner] = new RegExp(`^${PREFIX}(\\d+)n\\d+-`).exec(name) ?? [];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) removeNamespace(name);
  }
  for (const name of readdirSync(tmpdir())) {
    const [, owner] = new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name) ?? [];
    if (owner !== undefined && !existsSync(`/proc/${owner}`))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function removeNamespace(name: string): void {
  if (!existsSync(`${NAMESPACES}/${name}`)) return;
  for (const id of ip("netns", "pids", name).split("\n").filter(Boolean)) {
    try {
      process.kill(Number(id), "SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }
  ip("netns", "delete", name);
}

const namespaces = () => (existsSync(NAMESPACES) ? readdirSync(NAMESPACES) : []);

function ip(...args: string[]): string {
  return execFileSync("ip", args, { encoding: "utf8" });
}

function ipBatch(namespace: string, commands: readonly string[]): void {
  execFileSync("ip", ["-n", namespace, "-batch", "-"], { input: `${commands.join("\n")}\n`, encoding: "utf8" });
}

function inNamespace(namespace: string, ...command: string[]): string {
  return execFileSync("nsenter", [`--net=${NAMESPACES}/${namespace}`, ...command], { encoding: "utf8" });
}

function inNamespaceWith(namespace: string, input: string, ...command: string[]): void {
  execFileSync("nsenter", [`--net=${NAMESPACES}/${namespace}`, ...command], { input, encoding: "utf8" });
}

/** Why pods cannot run on this machine, in a sentence; undefined where they can. */
export function missingForPods(): string | undefined {
  if (process.platform !== "linux") return `pods run as processes of Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "network namespaces take root";
  for (const program of ["ip", "nft", "nsenter", "unshare", "setpriv", "chroot", "redis-server"]) {
    if (!isInPath(program)) return `the program ${program} is not installed`;
  }
  const name = `${PREFIX}${process.pid}n0-trial`;
  try {
    ip("netns", "add", name);
    inNamespaceWith(
      name,
      "add table ip trial\nadd chain ip trial c { type nat hook prerouting priority -100 ; }\n",
      "nft",
      "-f",
      "-",
    );
    inNamespace(name, "unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt");
  } catch (error) {
    return `this machine refuses namespaces, nft or mounts (${String((error as { stderr?: string }).stderr ?? error).trim()})`;
  } finally {
    if (existsSync(`${NAMESPACES}/${name}`)) ip("netns", "delete", name);
  }
  return undefined;
}

function isInPath(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${program}`));
}
