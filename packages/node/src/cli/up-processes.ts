import { resolve } from "node:path";
import { SystemClock, systemRandom } from "../clock.ts";
import { freePort } from "../network/free-port.ts";
import { Network, type NodeStatus } from "../network/network.ts";
import { agreementOf, mine, tipOf } from "../network/operations.ts";
import { type PlannedNode, planNetwork } from "../network/topology.ts";
import { VERSION } from "../version.ts";
import type { MiningKey } from "./mining-key.ts";
import {
  DATA_FOLDER_DEFAULT,
  readRunningNetwork,
  removeRunningNetwork,
  writeRunningNetwork,
} from "./running-network.ts";
import { ProgressLine, renew, renewsLines } from "./terminal-status.ts";
import { FIRST_BLOCKS, type UpOptions } from "./up-options.ts";

const STATUS_POLL_MS = 500;

/** `bitfleet up --miners N --webservers M`: every node a process of its own, until Ctrl-C. Returns the exit code. */
export async function runUpProcesses(options: UpOptions, key: MiningKey): Promise<number> {
  const folder = resolve(options.data);
  const busy = readRunningNetwork(folder);
  if (busy !== undefined) {
    const stop = options.data === DATA_FOLDER_DEFAULT ? "bitfleet down" : `bitfleet down --data=${options.data}`;
    process.stderr.write(
      `Error: The network in ${folder} is running already, as process ${busy.pid}. Stop it with "${stop}", or choose another folder with --data.\n`,
    );
    return 1;
  }
  const { miners = 1, webservers = 0 } = options;
  const planned = planNetwork({ miners, webservers }, { rpc: options.rpcPort, web: options.port });
  const plan = await Promise.all(planned.map(onFreePort));
  const stopping = signalled();
  const running = new UpProcesses(options, folder, key, plan);
  try {
    await running.start(stopping.signal);
    if (!stopping.signal.aborted) await running.showUntil(stopping.signal);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    process.stderr.write(`Error: ${withRemedy((error as Error).message)}\n`);
    return 1;
  } finally {
    await running.stop();
    stopping.ignore();
  }
}

class UpProcesses {
  readonly #options: UpOptions;
  readonly #folder: string;
  readonly #key: MiningKey;
  readonly #network: Network;
  #isTold = false;

  constructor(options: UpOptions, folder: string, key: MiningKey, plan: readonly PlannedNode[]) {
    this.#options = options;
    this.#folder = folder;
    this.#key = key;
    this.#network = new Network(
      {
        folder,
        plan,
        command: [process.execPath, process.argv[1]!],
        webHost: options.host,
        intervalSeconds: options.mining ? options.interval : undefined,
        miningAddress: key.address,
      },
      { clock: new SystemClock(), random: systemRandom, onChange: () => this.#note() },
    );
  }

  async start(signal: AbortSignal): Promise<void> {
    const progress = new ProgressLine();
    const { length } = this.#network.status();
    let count = 0;
    progress.show(`Starting ${length} nodes`, 0);
    await this.#network.start(async (node) => {
      if (signal.aborted) throw new Error("stopped while starting");
      // Only a network whose first node runs is ours: another may hold the folder.
      this.#isTold = true;
      this.#note();
      if (count === 0) await this.#mineFirstBlocks(node);
      progress.show(`Starting ${length} nodes`, (++count * 100) / length);
    });
    progress.clear();
    process.stdout.write(this.#introduction());
  }

  async stop(): Promise<void> {
    process.stdout.write(renewsLines(process.stdout) ? "\nStopping …\n" : "Stopping …\n");
    await this.#network.stop();
    if (this.#isTold) removeRunningNetwork(this.#folder);
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

  async #mineFirstBlocks(node: NodeStatus): Promise<void> {
    if ((await tipOf(node)).height === 0) await mine(node, FIRST_BLOCKS, this.#key.address);
  }

  async #statusLine(): Promise<string> {
    const nodes = this.#network.status();
    const running = nodes.filter(({ state }) => state === "running");
    const troubled = nodes.filter(({ state }) => state !== "running").map(({ name, state }) => `${name} ${state}`);
    try {
      const { tip, agreeing } = await agreementOf(running);
      return [`height ${tip.height}  ${tip.hash}  ${agreeing} of ${nodes.length} nodes`, ...troubled].join(", ");
    } catch {
      // A node ended while it was asked; the next look shows it.
      return troubled.length > 0 ? troubled.join(", ") : "asking the nodes …";
    }
  }

  #note(): void {
    if (!this.#isTold) return;
    const nodes = this.#network.status().map(({ target: _, ...node }) => node);
    const [first] = nodes;
    writeRunningNetwork(this.#folder, {
      pid: process.pid,
      nodeDataDir: first!.dataDir,
      rpcPort: first!.rpcPort,
      webUrl: this.#webUrls()[0] ?? "",
      miningAddress: this.#key.address,
      nodes,
    });
  }

  #webUrls(): readonly string[] {
    return this.#network
      .status()
      .flatMap(({ webPort }) => (webPort === undefined ? [] : `http://localhost:${webPort}`));
  }

  #introduction(): string {
    const { mining, interval } = this.#options;
    const nodes = this.#network.status().map(({ name, rpcPort, p2pPort, webPort }) => {
      const page = webPort === undefined ? "" : `  page http://localhost:${webPort}`;
      return `  ${name.padEnd(14)}JSON-RPC http://127.0.0.1:${rpcPort}  peers 127.0.0.1:${p2pPort}${page}\n`;
    });
    const facts = [
      ["Data", this.#folder],
      ["Mining", mining ? `a block about every ${interval} s, paid to ${this.#key.address}` : "off"],
      ["Mining key", `${this.#key.file}  (spends what is mined)`],
    ].map(([name, text]) => `  ${name!.padEnd(14)}${text}\n`);
    return `\nBitfleet ${VERSION}: a private Bitcoin network (regtest) of ${nodes.length} nodes\n\n${nodes.join("")}\n${facts.join("")}\nCtrl-C stops it; the next start goes on with this chain. "bitfleet status" shows all nodes.\n\n`;
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
    const timer = setTimeout(resume, STATUS_POLL_MS);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resume();
      },
      { once: true },
    );
  });
}

/** What a node says of a port, in the options of `up`. */
function withRemedy(message: string): string {
  return message.replace(/ with -rpcport\b/, " with --rpc-port").replace(/ with -webport\b/, " with --port");
}
