import { SystemClock, systemRandom } from "../clock.ts";
import { freePort, isPortFree } from "../network/free-port.ts";
import { hasLostPort, STARTS_MAX } from "../network/lost-port.ts";
import { Network, type NodeStatus, readPartition } from "../network/network.ts";
import { type WalletApi, walletApiFor } from "../network/network-wallet.ts";
import { NodeProcess } from "../network/node-process.ts";
import { agreementOf, mine, tipOf } from "../network/operations.ts";
import { awaitLeftBehind, removeRunningNetwork, writeRunningNetwork } from "../network/running-network.ts";
import { type PlannedNode, planNetwork } from "../network/topology.ts";
import { adminKeyText } from "../server/access/admin-key.ts";
import { VERSION } from "../version.ts";
import { readyLine } from "./ready-line.ts";
import { ProgressLine, renew, renewsLines } from "./terminal-status.ts";
import { FIRST_BLOCKS, type UpSettings } from "./up-options.ts";
import { walletText } from "./wallet-text.ts";

const STATUS_POLL_MS = 500;
/** Digits of a hash in a line that must fit a terminal. */
const HASH_SHOWN = 16;
/** First blocks that are asked for at a time, so that it can be shown how far they are. */
const FIRST_BLOCKS_STEP = 10;

/**
 * `bitfleet up --miners N --webservers M`: every node a process of its own, until Ctrl-C. Returns the exit code. The caller has the
 * lock of `folder`.
 */
export async function runUpProcesses(settings: UpSettings): Promise<number> {
  const { options, folder } = settings;
  const { miners = 1, webservers = 0 } = options;
  const planned = planNetwork({ miners, webservers }, { rpc: options.rpcPort, web: options.port });
  await awaitLeftBehind(folder, (names) => {
    process.stdout.write(`Waiting for ${names.join(", ")} of an earlier run to end …\n`);
  });
  const stopping = signalled();
  let running: UpProcesses | undefined;
  // Also in the middle of a start: a node that hangs there is not waited for.
  stopping.signal.addEventListener("abort", () => void running?.stop(), { once: true });
  try {
    for (let attempt = 1; ; attempt++) {
      await refuseTakenPorts(planned);
      const plan = await Promise.all(planned.map(onFreePort));
      running = new UpProcesses(settings, plan, await walletApiFor(plan, settings.payee, systemRandom));
      if (await running.start(stopping.signal, attempt === STARTS_MAX)) break;
      process.stdout.write("Another program took a port of a node in the meantime; starting once more.\n");
    }
    await running.showUntil(stopping.signal);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    running?.clear();
    process.stderr.write(`Error: ${withRemedy((error as Error).message)}\n`);
    return 1;
  } finally {
    await running?.stop();
    stopping.ignore();
  }
}

class UpProcesses {
  readonly #settings: UpSettings;
  readonly #network: Network;
  readonly #walletApi: WalletApi | undefined;
  readonly #progress = new ProgressLine();
  /** Of the nodes that were told of as ready. */
  #readyHeight = 0;
  #isTold = false;
  #stopped: Promise<void> | undefined;

  constructor(settings: UpSettings, plan: readonly PlannedNode[], walletApi: WalletApi | undefined) {
    this.#settings = settings;
    this.#walletApi = walletApi;
    const { options, folder, chain, payee, adminKey } = settings;
    const command = [process.execPath, process.argv[1]!, "node"] as const;
    const deps = { clock: new SystemClock(), random: systemRandom, onChange: () => this.#note() };
    this.#network = new Network(
      {
        chain,
        folder,
        plan,
        webHost: options.host,
        intervalSeconds: options.mining ? options.interval : undefined,
        ...payee,
        ...(walletApi !== undefined && { walletApi }),
        keysFile: adminKey.keysFile,
      },
      { launch: (node) => new NodeProcess({ ...node, command }, deps) },
    );
  }

  /** Returns false, with all nodes ended, where another program took a port that we had seen free; rejects then where it `isLast`. */
  async start(signal: AbortSignal, isLast: boolean): Promise<boolean> {
    try {
      await this.#startNodes(signal);
      return true;
    } catch (error) {
      if (isLast || signal.aborted || !(await hasLostPort(this.#network.status(), this.#walletApi))) throw error;
      this.clear();
      this.#stopped = this.#network.stop();
      await this.#stopped;
      return false;
    }
  }

  async #startNodes(signal: AbortSignal): Promise<void> {
    const { length } = this.#network.status();
    let count = 0;
    const showCount = () => {
      if (!signal.aborted) this.#progress.show(`Starting ${length} nodes`, (count * 100) / length);
    };
    showCount();
    await this.#network.start(async (node) => {
      // Only a network whose first node runs is to be found by the other commands.
      this.#isTold = true;
      this.#note();
      if (count === 0) await this.#mineFirstBlocks(node, signal);
      await this.#sayReady(node);
      count++;
      showCount();
    });
    this.clear();
    process.stdout.write(this.#introduction());
  }

  /** Takes the line of progress away. */
  clear(): void {
    this.#progress.clear();
  }

  /** Ends all nodes; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopNodes();
    return this.#stopped;
  }

  async #stopNodes(): Promise<void> {
    process.stdout.write(renewsLines(process.stdout) ? "\nStopping …\n" : "Stopping …\n");
    await this.#network.stop();
    removeRunningNetwork(this.#settings.folder);
  }

  /** Where the nodes stand, renewed until the end is asked for. */
  async showUntil(signal: AbortSignal): Promise<void> {
    let last = "";
    while (!signal.aborted) {
      const line = await this.#statusLine();
      if (line !== last) {
        if (renewsLines(process.stdout)) renew(process.stdout, `  ${line}`);
        else process.stdout.write(`${line}\n`);
        last = line;
      }
      await pause(signal);
    }
  }

  async #sayReady(node: NodeStatus): Promise<void> {
    const { height } = await tipOf(node);
    const partition = readPartition(this.#settings.folder);
    const group = partition.find((names) => names.includes(node.name));
    const reached = this.#network.status().filter(({ name }) => group?.includes(name) ?? true);
    const { tip } = await agreementOf(reached.filter(({ state }) => state === "running"));
    // A node that is too busy to tell in time has what it had when it was ready.
    const known = group === undefined ? this.#readyHeight : 0;
    this.#readyHeight = Math.max(this.#readyHeight, height);
    this.#progress.clear();
    process.stdout.write(`${readyLine(node, height, Math.max(tip?.height ?? height, known))}\n`);
  }

  /** Also what is missing of them, where an earlier start was interrupted. */
  async #mineFirstBlocks(node: NodeStatus, signal: AbortSignal): Promise<void> {
    for (;;) {
      const { height } = await tipOf(node);
      if (height >= FIRST_BLOCKS || signal.aborted) return;
      this.#progress.show(`Mining the first ${FIRST_BLOCKS} blocks`, (height * 100) / FIRST_BLOCKS);
      await mine(node, Math.min(FIRST_BLOCKS_STEP, FIRST_BLOCKS - height), this.#network.miningAddress);
    }
  }

  async #statusLine(): Promise<string> {
    const nodes = this.#network.status();
    const running = nodes.filter(({ state }) => state === "running");
    const troubled = nodes.filter(({ state }) => state !== "running").map(({ name, state }) => `${name} ${state}`);
    const { tip, agreeing } = await agreementOf(running);
    // A line that renews itself is cut at the terminal's edge, where the troubled nodes stand.
    const hash = renewsLines(process.stdout) ? `${tip?.hash.slice(0, HASH_SHOWN)}…` : tip?.hash;
    const standing = tip && `height ${tip.height}  ${hash}  ${agreeing} of ${nodes.length} nodes`;
    return [standing ?? "no node answers", ...troubled].join(", ");
  }

  #note(): void {
    if (!this.#isTold || this.#stopped !== undefined) return;
    const nodes = this.#network.status().map(({ target: _, ...node }) => node);
    const [first] = nodes;
    const { miningAddress, noFaucet } = this.#network;
    writeRunningNetwork(this.#settings.folder, {
      pid: process.pid,
      nodeDataDir: first!.dataDir,
      rpcPort: first!.rpcPort,
      webUrl: this.#webUrls()[0] ?? "",
      miningAddress,
      ...(noFaucet !== undefined && { noFaucet }),
      chain: this.#settings.chain.name,
      nodes,
    });
  }

  #webUrls(): readonly string[] {
    return this.#network
      .status()
      .flatMap(({ webPort }) => (webPort === undefined ? [] : `http://localhost:${webPort}`));
  }

  #introduction(): string {
    const { options, payee, adminKey } = this.#settings;
    const { mining, interval } = options;
    const nodes = this.#network.status().map(({ name, rpcPort, p2pPort, webPort }) => {
      const page = webPort === undefined ? "" : `  page http://localhost:${webPort}`;
      return `  ${name.padEnd(14)}JSON-RPC http://127.0.0.1:${rpcPort}  peers 127.0.0.1:${p2pPort}${page}\n`;
    });
    const facts = [
      ["Data", this.#settings.folder],
      ["Mining", mining ? `a block about every ${interval} s, paid to ${this.#network.miningAddress}` : "off"],
      ["Wallet", walletText(payee, " of miner-0")],
      ["Admin key", adminKeyText(adminKey)],
    ].map(([name, text]) => `  ${name!.padEnd(14)}${text}\n`);
    return `\nBitfleet ${VERSION}: a private Bitcoin network (${this.#settings.chain.name}) of ${nodes.length} nodes\n\n${nodes.join("")}\n${facts.join("")}\nCtrl-C stops it; the next start goes on with this chain. "bitfleet status" shows all nodes.\n\n`;
  }
}

/** Throws where another program has a port that the operator chose, before any node is started. */
async function refuseTakenPorts(plan: readonly PlannedNode[]): Promise<void> {
  for (const { name, rpcPort, webPort } of plan) {
    const isWebTaken = webPort !== undefined && !(await isPortFree(webPort));
    if (!isWebTaken && (await isPortFree(rpcPort))) continue;
    const [port, use, flag] = isWebTaken ? [webPort, "page", "--port"] : [rpcPort, "JSON-RPC", "--rpc-port"];
    throw new Error(
      `Port ${port}, for the ${use} of ${name}, is taken by another program. Choose others with ${flag}.`,
    );
  }
}

/** Peers find each other by the plan: where a port is taken, another does as well. */
async function onFreePort(node: PlannedNode): Promise<PlannedNode> {
  return { ...node, p2pPort: await freePort(node.p2pPort) };
}

/** Aborted by Ctrl-C, SIGTERM, and where the terminal closes. A second one later is for the operator's patience: children end anyway. */
function signalled(): { readonly signal: AbortSignal; readonly ignore: () => void } {
  const controller = new AbortController();
  const onSignal = () => controller.abort();
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    ignore: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resume) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resume();
    };
    const timer = setTimeout(end, STATUS_POLL_MS);
    signal.addEventListener("abort", end);
  });
}

/** What a node says of a port, in the options of `up`. */
function withRemedy(message: string): string {
  return message.replace(/ with -rpcport\b/, " with --rpc-port").replace(/ with -webport\b/, " with --port");
}
