import { join } from "node:path";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { BITCOIN_CLI, BITCOIND, BITFLEET, type Exit, eventually, run, TestProcess } from "./test-node.ts";

export type Variables = Readonly<Record<string, string>>;

/**
 * A node as its container starts it. Options say no more than which ports it takes: on one machine all nodes would have the same ones,
 * and each container has its own.
 */
export class ContainerNode {
  readonly process: TestProcess;
  readonly #env: Variables;
  readonly #rpc: string;

  private constructor(env: Variables, rpcPort: number, options: readonly string[]) {
    this.#env = env;
    this.#rpc = `-rpcport=${rpcPort}`;
    this.process = new TestProcess(BITCOIND, [this.#rpc, ...options], { env: { ...env } });
  }

  /** Its data are below `folder`. */
  static async start(folder: string, variables: Variables, options: readonly string[] = []): Promise<ContainerNode> {
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
    return new ContainerNode({ ...image, ...variables }, await freePort(), options);
  }

  async call<Result>(...words: readonly string[]): Promise<Result> {
    const { code, stdout, stderr } = await run(BITCOIN_CLI, [this.#rpc, ...words], { env: { ...this.#env } });
    if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}${this.process.stderr}`);
    // A text comes without quotation marks, and a hash may begin with a digit.
    const text = stdout.trim();
    return (/^([[{"]|\d{1,10}(\.\d+)?$)/.test(text) ? JSON.parse(text) : text) as Result;
  }

  health(...words: readonly string[]) {
    return run(BITFLEET, ["health", ...words], { env: { ...this.#env } });
  }

  /** Waits for the end of its start, and for so many blocks. */
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
