import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is shown in a container at `to`. */
export interface Mount {
  /** A folder or file of this machine; none for a tmpfs. */
  readonly from?: string;
  readonly to: string;
  readonly isReadOnly: boolean;
}

export interface ContainerOptions {
  /** Name of the network namespace. */
  readonly namespace: string;
  readonly hostname: string;
  /** Where its root, script and log are made on this machine. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly user: number;
  readonly group: number;
  /** Further groups, as `fsGroup`. */
  readonly groups: readonly number[];
  readonly isRootReadOnly: boolean;
  readonly mounts: readonly Mount[];
  /** Texts of files in /etc. */
  readonly etc: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const START_POLL_MS = 10;
const DEVICES = ["null", "zero", "full", "random", "urandom"];
/** Of the machine's /etc what programs of an image have as well. */
const ETC_SHOWN = ["ssl", "alternatives", "localtime", "nsswitch.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"];

/**
 * A container without an engine: a process with a network namespace that is there already and with namespaces of its own for
 * mounts, processes and the host's name; a root of its own with the machine's /usr and what it mounts; a user without rights; and
 * the end of all its processes with the first one, or with the one that made it.
 */
export class Container {
  readonly exited: Promise<Exit>;
  readonly logFile: string;
  readonly #child: ChildProcess;
  readonly #options: ContainerOptions;

  constructor(options: ContainerOptions) {
    this.#options = options;
    mkdirSync(join(options.folder, "root"), { recursive: true });
    rmSync(join(options.folder, "pid"), { force: true });
    const script = join(options.folder, "start.sh");
    writeFileSync(script, startScript(options));
    this.logFile = join(options.folder, "log");
    const log = openSync(this.logFile, "a");
    // With the death signal nothing outlives a test run that was killed: unshare ends with it, and the container with unshare.
    const enter = ["--pdeathsig", "KILL", "nsenter", `--net=/run/netns/${options.namespace}`, "unshare", "--mount"];
    const unshare = ["--propagation", "private", "--pid", "--fork", "--uts", "--ipc", "--kill-child"];
    this.#child = spawn("setpriv", [...enter, ...unshare, "/bin/sh", script], {
      env: { ...options.environment },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.exited = once(this.#child, "exit").then(([code, signal]) => ({ code, signal }));
  }

  /** Number of its first process on this machine; undefined before there is one. */
  get processId(): number | undefined {
    const file = join(this.#options.folder, "pid");
    if (!existsSync(file)) return undefined;
    return Number.parseInt(readFileSync(file, "utf8"), 10) || undefined;
  }

  /** Resolves when its program runs, or has ended. */
  async started(): Promise<void> {
    while (this.#child.exitCode === null && this.#child.signalCode === null) {
      if (this.processId !== undefined && this.#hasOwnRoot(this.processId)) return;
      await new Promise((resume) => setTimeout(resume, START_POLL_MS));
    }
  }

  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  #hasOwnRoot(id: number): boolean {
    try {
      return readlinkSync(`/proc/${id}/root`) !== "/";
    } catch {
      return false;
    }
  }

  /** Signals the first process; a container that has none yet is ended. */
  kill(signal: NodeJS.Signals): void {
    const id = this.processId;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      if (id === undefined) this.#child.kill("SIGKILL");
      else process.kill(id, signal);
    } catch {
      // It has ended in the meantime.
    }
  }

  /** Runs a command in the container, with its user and variables. A code other than 0 is an answer. */
  async run(command: readonly string[], timeoutMs: number): Promise<{ code: number; output: string }> {
    const id = this.processId;
    if (id === undefined) return { code: -1, output: "the container does not run" };
    const { environment } = this.#options;
    const enter = ["--target", String(id), "--mount", "--net", "--pid", "--uts", "--ipc", "--root", "--wd"];
    return new Promise((resolve) => {
      execFile(
        "nsenter",
        [...enter, "setpriv", ...loseRights(this.#options), ...command],
        { env: { ...environment }, timeout: timeoutMs, killSignal: "SIGKILL" },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
          resolve({ code, output: `${stdout}${stderr}`.trim() });
        },
      );
    });
  }
}

/** What the first process does before it becomes the program. */
function startScript(options: ContainerOptions): string {
  const root = join(options.folder, "root");
  const inside = (path: string) => quote(join(root, path));
  const mounts = [...options.mounts].sort((a, b) => a.to.length - b.to.length);
  // Another user clears the death signal that unshare has set.
  const diesWithParent = "--pdeathsig KILL";
  return [
    "set -e",
    `mount -t tmpfs -o mode=755,size=16m tmpfs ${quote(root)}`,
    // Read before /proc is that of the new namespace: the number on the machine.
    `read -r id rest < /proc/self/stat; echo "$id" > ${quote(join(options.folder, "pid"))}`,
    `cd ${quote(root)}`,
    "mkdir -p usr etc proc sys dev/shm run var/tmp tmp home",
    "for name in bin sbin lib lib64; do ln -s usr/$name $name; done",
    `mount --bind /usr usr; mount -o remount,bind,ro,nosuid usr`,
    "mount -t proc proc proc; mount --rbind /sys sys",
    `for name in ${DEVICES.join(" ")}; do : > dev/$name; mount --bind /dev/$name dev/$name; done`,
    `mkdir -p ${inside(options.workingDir)}; chown ${options.user}:${options.group} ${inside(options.workingDir)}`,
    ...ETC_SHOWN.filter((name) => existsSync(`/etc/${name}`)).map((name) => `cp -a /etc/${name} etc/`),
    ...Object.entries(options.etc).map(([name, text]) => `printf %s ${quote(text)} > etc/${name}`),
    ...mounts.flatMap((mount) => mountLines(mount, inside(mount.to))),
    `hostname ${quote(options.hostname)}`,
    ...(options.isRootReadOnly ? [`mount -o remount,ro ${quote(root)}`] : ["chmod 1777 tmp var/tmp"]),
    `exec chroot ${quote(root)} setpriv ${diesWithParent} ${loseRights(options).join(" ")} /bin/sh -c 'cd "$0" && exec "$@"' ${[options.workingDir, ...options.command].map(quote).join(" ")}`,
    "",
  ].join("\n");
}

/** Arguments of setpriv: the user, its groups, and nothing that it could regain. */
function loseRights({ user, group, groups }: ContainerOptions): string[] {
  const all = [group, ...groups].join(",");
  return [
    "--reuid",
    `${user}`,
    "--regid",
    `${group}`,
    "--groups",
    all,
    "--no-new-privs",
    "--bounding-set=-all",
    "--inh-caps=-all",
  ];
}

function mountLines({ from, to, isReadOnly }: Mount, target: string): string[] {
  if (from === undefined) return [`mkdir -p ${target}; mount -t tmpfs -o mode=1777 tmpfs ${target}`];
  const source = quote(from);
  const make = `if [ -d ${source} ]; then mkdir -p ${target}; else mkdir -p "$(dirname ${target})"; : > ${target}; fi`;
  const mount = `mount --bind ${source} ${target}`;
  return [make, isReadOnly ? `${mount}; mount -o remount,bind,ro ${target}` : mount, `# ${to}`];
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
