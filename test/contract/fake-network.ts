import {
  type NetworkControl,
  NetworkFault,
  type NetworkFaultKind,
} from "../../packages/node/src/server/network-control.ts";

/**
 * A network that does nothing and says that it did, or, once it is told to, why it does not: the routes' own part is tested here, the
 * network itself with real nodes.
 */
export class FakeNetwork implements NetworkControl {
  #fault: NetworkFaultKind | undefined;
  readonly #tip = { height: 7, hash: "22".repeat(32) };
  readonly #snapshot = { name: "base", ...this.#tip, transactions: 2, time: "2026-01-01T00:00:00.000Z" };

  readonly #miner = {
    ...{ pacing: "interval", intervalSeconds: 10, minerCount: 2, hashesPerSecond: 0 },
    ...{ foundCount: 3, staleCount: 1, hasAddress: true },
  };
  readonly #found = {
    ...{ ...this.#tip, timeSeconds: 1_767_225_600, reward: 5_000_000_141n, fees: 141n, transactionCount: 2 },
    ...{ isActive: false, instead: "33".repeat(32) },
  };

  /** The next thing that it is asked to do it does not. */
  failNext(kind: NetworkFaultKind): void {
    this.#fault = kind;
  }

  async #answer<Value>(value: Value): Promise<Value> {
    const kind = this.#fault;
    this.#fault = undefined;
    if (kind !== undefined) throw new NetworkFault(kind, `It is so: ${kind}`);
    return value;
  }

  status = () =>
    this.#answer({
      chain: "regtest" as const,
      self: "miner-0",
      nodes: [
        {
          name: "miner-0",
          role: "miner" as const,
          state: "running" as const,
          tip: this.#tip,
          peerCount: 1,
          p2pPort: 18444,
          webUrl: undefined,
          connectsTo: ["miner-1"],
          miner: { pacing: "interval", foundCount: 3, staleCount: 1 },
        },
      ],
      partition: [],
      mockTimeSeconds: undefined,
    });
  partition = (groups: readonly (readonly string[])[]) => this.#answer({ partition: groups, absent: [] });
  heal = () => this.#answer({ ...this.#tip, nodes: 2, tied: [], absent: [] });
  reorg = () => this.#answer({ ...this.#tip, node: "miner-0", hashes: [this.#tip.hash] });
  mine = () => this.#answer({ ...this.#tip, node: "miner-0", hashes: [this.#tip.hash] });
  miner = () => this.#answer({ ...this.#miner, blocks: [this.#found] });
  setMiner = () => this.#answer(this.#miner);
  restart = (node: string) => this.#answer({ node, height: 7, pid: 1 });
  setTime = () => this.#answer({ mockTimeSeconds: 1_900_000_000, absent: [] });
  hasFaucet = () => true;
  faucet = ({ address, sats }: { readonly address: string; readonly sats: bigint }) =>
    this.#answer({ txid: this.#tip.hash, address, sats, feeSats: 141n, hashes: [] });
  snapshot = (name = "1") => this.#answer({ ...this.#snapshot, name });
  snapshots = () => this.#answer([this.#snapshot]);
  removeSnapshot = () => this.#answer(undefined);
  revert = (name: string) =>
    this.#answer({ ...this.#tip, name, transactions: 2, nodes: ["miner-0"], absent: ["miner-1"] });
  logs = () => this.#answer({ lines: ["2026-01-01T00:00:00Z a line"], end: 28, isCut: false });
}
