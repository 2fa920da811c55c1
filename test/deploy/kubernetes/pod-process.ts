import { join } from "node:path";
import type { IContainer } from "kubernetes-models/v1";
import { freePort } from "../../../packages/node/src/network/free-port.ts";
import { BITCOIN_CLI, BITCOIND, type Exit, eventually, run, TestProcess } from "../../functional/test-node.ts";
import { variablesOf } from "./checks/environment.ts";
import { KUBERNETES } from "./kubectl.ts";
import { containersOf, workloadsOf } from "./objects.ts";
import { exampleSecrets, readObjects } from "./shipped.ts";

export type Variables = Readonly<Record<string, string>>;

/** Where a container's paths are on this machine. */
export type Places = Readonly<Record<string, string>>;

const BIN = join(import.meta.dirname, "../../../packages/node/bin");
const SCRIPTS = "/app/backup-scripts";

/** The one container of a shipped file's workload. */
export function containerIn(path: string): { container: IContainer; variables: Variables } {
  const [workload] = workloadsOf(readObjects(path));
  const [container] = workload === undefined ? [] : containersOf(workload);
  if (container === undefined) throw new Error(`${path} has no container.`);
  const config = readObjects("base/config.yaml");
  return { container, variables: variablesOf(container, config, exampleSecrets()) };
}

/** Runs a shipped job's command, with its variables and what stands for its volumes. */
export async function runJob(
  path: string,
  places: Places,
  given: Variables,
  words: readonly string[] = [],
): Promise<Exit> {
  const { container, variables } = containerIn(path);
  const here = (text: string) =>
    Object.entries({ ...places, [SCRIPTS]: join(KUBERNETES, "components/backup") }).reduce(
      (whole, [from, to]) => whole.replace(new RegExp(`${from}(?=/|$)`), to),
      text,
    );
  const [program = "", ...args] = (container.args ?? []).map(here);
  const placed = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, here(value)]));
  return run(program, [...args, ...words], { env: { PATH: `${BIN}:${process.env.PATH}`, ...placed, ...given } });
}

/** A node as its container starts it. Options say no more than which ports it takes, as all are on one machine. */
export class PodProcess {
  readonly process: TestProcess;
  readonly #env: Variables;
  readonly #rpc: string;

  private constructor(env: Variables, rpcPort: number) {
    this.#env = env;
    this.#rpc = `-rpcport=${rpcPort}`;
    this.process = new TestProcess(BITCOIND, [this.#rpc], { env: { ...env } });
  }

  static async start(folder: string, variables: Variables): Promise<PodProcess> {
    const image = {
      HOME: folder,
      NODE_NETWORK: "regtest",
      NODE_IS_MINER: "no",
      NODE_IS_WEB_SERVER: "no",
      NODE_CONNECT_NODES: "local",
      NODE_DATA_DIR: join(folder, "data"),
      NODE_WALLET_DIR: join(folder, "wallets"),
      NODE_ADDR: `127.0.0.1:${await freePort()}`,
      WEB_METRICS_BIND: `127.0.0.1:${await freePort()}`,
    };
    return new PodProcess({ ...image, ...variables }, await freePort());
  }

  async call<Result>(...words: readonly string[]): Promise<Result> {
    const { code, stdout, stderr } = await run(BITCOIN_CLI, [this.#rpc, ...words], { env: { ...this.#env } });
    if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}${this.process.stderr}`);
    // A text comes without quotation marks, and a hash may begin with a digit.
    const text = stdout.trim();
    return (/^([[{"]|\d{1,10}(\.\d+)?$)/.test(text) ? JSON.parse(text) : text) as Result;
  }

  atHeight(height: number): Promise<true> {
    return eventually(async () => {
      if (this.process.child.exitCode !== null) throw new Error(`it ended: ${this.process.stderr}`);
      const count = await this.call<number>("getblockcount").catch(() => -1);
      return count >= height || undefined;
    });
  }

  stop(): Promise<Exit> {
    this.process.child.kill("SIGTERM");
    return this.process.exit();
  }
}
