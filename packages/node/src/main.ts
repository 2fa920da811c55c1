import { spawn } from "node:child_process";
import { StartupError } from "./chain/startup-error.ts";
import { type NodeConfig, readConfig, textAskedFor } from "./config/config.ts";
import { noteContainer } from "./config/container/container-note.ts";
import { makePlaces, readContainer } from "./config/container/container-start.ts";
import { machineLookup } from "./config/container/find-container.ts";
import { type EarlierNode, realWaiting, waitedInVain, waitForEarlier } from "./config/container/wait-for-earlier.ts";
import { checkMiningAddress } from "./config/environment.ts";
import { ConfigError } from "./config/settings.ts";
import { DirectoryLockError, directoryInUse } from "./directory-lock.ts";
import { Lifecycle, StartInterrupted } from "./lifecycle.ts";
import { machineEnvironment } from "./machine.ts";
import { type NodePrograms, startNode } from "./node.ts";
import type { Logger } from "./ports.ts";
import type { RunningNode } from "./running-node.ts";
import { type ListenAddress, ListenError } from "./server/listen-address.ts";
import { TlsFileError } from "./server/web/tls-files.ts";
import { StorageError } from "./storage/storage-error.ts";
import { printable } from "./telemetry.ts";
import { VERSION } from "./version.ts";

/** Two signals closer than this are one Ctrl-C that reached the process by two ways (terminal and npm). */
const SAME_SIGNAL_MS = 500;

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Exit code of a process that a second Ctrl-C ended before it was done. */
const EXIT_FORCED = 130;

/** `bitcoind`: reads the configuration, runs a node until it is asked to stop, and returns the exit code. */
export async function runBitcoind(args: readonly string[], programs: NodePrograms = {}): Promise<number> {
  keepToOwner();
  // What comes before the node itself listens to signals can take minutes in a container.
  const early = stopOnSignal();
  try {
    return await readAndRun(args, programs, early);
  } catch (error) {
    return early.signal.aborted ? 0 : reportFailure(error);
  } finally {
    early.release();
  }
}

async function readAndRun(args: readonly string[], programs: NodePrograms, early: EarlyStop): Promise<number> {
  const text = textAskedFor(args, VERSION);
  if (text !== undefined) {
    process.stdout.write(text);
    return 0;
  }
  const container = await readContainer(process.env, args, machineLookup, early.signal);
  makePlaces(container.places);
  if (container.found !== undefined) noteContainer(container.found.service, container.found.name);
  const outcome = readConfig([...container.args, ...args], machineEnvironment(), VERSION);
  if (outcome.action === "print") throw new Error("what is printed is asked for on the command line");
  const { config } = outcome;
  checkMiningAddress(process.env, container.instance, config.mining.address, config.network.addressPrefixes);
  for (const notice of config.notices) process.stderr.write(`${notice}\n`);
  warn([...container.warnings, ...config.warnings]);
  if (config.daemon) {
    early.release();
    return detach(args, config.daemonWait);
  }
  if (container.earlier !== undefined) await follow(container.earlier, config, early.signal);
  if (early.signal.aborted) return 0;
  const running = runNode(config, programs);
  // Only now that the node listens: a signal between two listeners would be lost.
  early.release();
  return running;
}

/** Lets the node before this one start first. Rejects where `signal` ends it. */
async function follow(earlier: EarlierNode, { log }: NodeConfig, signal: AbortSignal): Promise<void> {
  const time = () => (log.timestamps ? `${new Date().toISOString().replace(/\.\d+Z$/, "Z")} ` : "");
  const say = (line: string) => {
    if (log.console) process.stdout.write(`${time()}${line}\n`);
  };
  if (!(await waitForEarlier(earlier, realWaiting(earlier, say), signal))) warn([waitedInVain(earlier)]);
}

interface EarlyStop {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/** Aborts its signal at SIGINT and SIGTERM, which otherwise do nothing, until it is released. */
function stopOnSignal(): EarlyStop {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const name of STOP_SIGNALS) process.on(name, onSignal);
  return {
    signal: stop.signal,
    release() {
      for (const name of STOP_SIGNALS) process.off(name, onSignal);
    },
  };
}

function warn(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`Warning: ${warning}\n`);
}

/** What the node writes is its owner's alone, as with Core: there are keys, credentials and wallets among it. */
export function keepToOwner(): void {
  process.umask(0o077);
}

export interface RunHooks {
  /** Called once the node answers. */
  readonly onStarted?: (node: RunningNode, lifecycle: Lifecycle) => void | Promise<void>;
  /** Says why the node ended, and returns the exit code. */
  readonly report?: (error: unknown) => number;
}

/** Runs a node until somebody asks for its end. Returns the exit code. */
export async function runNode(config: NodeConfig, programs: NodePrograms = {}, hooks: RunHooks = {}): Promise<number> {
  const lifecycle = new Lifecycle();
  let log: Logger = SILENT;
  const ignoreSignals = followSignals(lifecycle);
  followUncaughtErrors(config, () => log);
  let failure: unknown;
  try {
    const node = await startNode(config, lifecycle, { followLogRotation: followHangUp, ...programs });
    log = node.log;
    tellParent();
    const { wallets } = node;
    if (wallets !== undefined && !wallets.manager.isIdle) warn(wallets.config.loadWarnings);
    await hooks.onStarted?.(node, lifecycle);
    await lifecycle.stopRequested();
  } catch (error) {
    // A chain that opens reports that it was stopped as an error of the start.
    const isWish = error instanceof StartInterrupted || (lifecycle.signal.aborted && error instanceof StartupError);
    if (!isWish) failure = error;
  }
  log.info("Shutdown in progress...");
  await lifecycle.stopAll(log);
  ignoreSignals();
  failure ??= lifecycle.failure;
  if (failure === undefined) return 0;
  return hooks.report?.(failure) ?? reportFailure(failure, config);
}

/** Says to who started us, where anybody did and listens still, that the node answers. With `-daemon` nobody does. */
function tellParent(): void {
  // Given a function, Node tells it of a closed channel; without one that would be an uncaught error, and the node's end.
  process.send?.("started", undefined, undefined, () => {});
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };

/**
 * SIGINT and SIGTERM ask for the end; a later one does not wait for what is done before it (`-webdrain`), or, where there is no such thing or it is
 * over, for the end. Returns the function that stops listening.
 */
function followSignals(lifecycle: Lifecycle): () => void {
  let lastMs: number | undefined;
  const onSignal = () => {
    const now = performance.now();
    if (lastMs === undefined) lifecycle.requestStop();
    else if (now - lastMs <= SAME_SIGNAL_MS) return;
    else if (!lifecycle.cutFarewells()) process.exit(EXIT_FORCED);
    lastMs = now;
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  };
}

/** SIGHUP comes after a log was moved away. */
function followHangUp(reopen: () => void): () => void {
  process.on("SIGHUP", reopen);
  return () => process.off("SIGHUP", reopen);
}

/** A bug of ours: one line for the operator, all of it in the log, and the process ends, since its state is unknown. */
function followUncaughtErrors(config: NodeConfig, log: () => Logger): void {
  const onError = (error: unknown) => {
    log().error("Uncaught error", { stack: String((error as Error)?.stack ?? error) });
    process.stderr.write(`Error: ${internalErrorText(error, config)}\n`);
    process.exit(1);
  };
  process.on("uncaughtException", onError);
  process.on("unhandledRejection", onError);
}

function internalErrorText(error: unknown, config?: NodeConfig): string {
  const message = printable(String((error as Error)?.message ?? error)).split("\n", 1)[0];
  const where = config?.log.file === undefined ? "" : `, see ${config.log.file} for details`;
  return `A fatal internal error occurred${where}: ${message}`;
}

/** Prints one sentence for the operator, and what follows from it as another, and returns exit code 1. */
export function reportFailure(error: unknown, config?: NodeConfig): number {
  const caption = error instanceof StartupError && error.asksForRebuild ? "" : "Error: ";
  process.stderr.write(`${caption}${operatorMessage(error, config).trimEnd()}\n`);
  const consequence = error instanceof StartupError ? error.consequence : undefined;
  if (consequence !== undefined) process.stderr.write(`Error: ${consequence}\n`);
  return 1;
}

/** The option that says where to listen. */
function optionOf({ host, port }: ListenAddress, config: NodeConfig | undefined): string {
  const isAt = (address: ListenAddress | undefined) => address?.port === port && address.host === host;
  if (isAt(config?.web)) return "-webport";
  return isAt(config?.web?.metricsListen) || isAt(config?.probeListen) ? "-webmetricsbind" : "-rpcport";
}

/** What happened, where, and what helps, in words for the operator. */
export function operatorMessage(error: unknown, config?: NodeConfig): string {
  if (error instanceof ConfigError || error instanceof DirectoryLockError || error instanceof StartupError) {
    return error.message;
  }
  if (error instanceof ListenError) {
    const option = optionOf(error.address, config);
    return `Unable to start HTTP server: ${error.message}. Choose another port with ${option}.`;
  }
  if (error instanceof TlsFileError) return `Unable to start HTTPS server: ${error.message}`;
  if (error instanceof StorageError) {
    return error.kind === "locked" ? directoryInUse(error.path) : error.message;
  }
  return internalErrorText(error, config);
}

/** `-daemon`: starts the same command without a terminal; with `wait`, returns when it has started or failed. */
function detach(args: readonly string[], wait: boolean): Promise<number> {
  const program = process.argv[1]!;
  const inner = [...args, "-daemon=0", "-daemonwait=0", "-printtoconsole=0"];
  const command = program.endsWith("bitfleet") ? ["node", ...inner] : inner;
  process.stdout.write("Bitfleet starting\n");
  const child = spawn(process.execPath, [...process.execArgv, program, ...command], {
    detached: true,
    stdio: ["ignore", "ignore", wait ? "pipe" : "ignore", "ipc"],
  });
  const letGo = (): number => {
    child.disconnect();
    child.stderr?.destroy();
    child.unref();
    return 0;
  };
  if (!wait) return Promise.resolve(letGo());
  child.stderr?.pipe(process.stderr);
  return new Promise((resolve) => {
    child.once("message", () => resolve(letGo()));
    child.once("close", (code) => resolve(code ?? 1));
  });
}
