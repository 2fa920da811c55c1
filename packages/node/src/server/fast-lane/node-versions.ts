import type { WebState } from "../web/web-state.ts";

type Seen = readonly unknown[];

/**
 * Numbers that are others whenever the node is: two answers made at the same number say the same, but for what time alone changes.
 * They are asked for at each request, so that nothing is made here where nothing changed.
 */
export class NodeVersions {
  readonly #state: Pick<WebState, "node">;
  #chainVersion = 0;
  #nodeVersion = 0;
  #chainSeen: Seen = [];
  #nodeSeen: Seen = [];

  constructor(state: Pick<WebState, "node">) {
    this.#state = state;
  }

  /** Of the active chain alone; `undefined` while the node starts. */
  chain(): number | undefined {
    const { node } = this.#state;
    if (node === undefined) return undefined;
    const { tip } = node.chain;
    if (this.#chainSeen[0] !== tip) {
      this.#chainSeen = [tip];
      this.#chainVersion++;
    }
    return this.#chainVersion;
  }

  /** Of chain, best header, mempool and number of peers; `undefined` while the node starts. */
  node(): number | undefined {
    const { node } = this.#state;
    if (node === undefined) return undefined;
    const { tip, bestHeader } = node.chain;
    const { changeCount } = node.mempool;
    const peerCount = node.p2p.network.peers.size;
    const seen = this.#nodeSeen;
    if (seen[0] !== tip || seen[1] !== changeCount || seen[2] !== peerCount || seen[3] !== bestHeader) {
      this.#nodeSeen = [tip, changeCount, peerCount, bestHeader];
      this.#nodeVersion++;
    }
    return this.#nodeVersion;
  }
}
