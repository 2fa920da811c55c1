import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import {
  formatInventoryItem,
  type InventoryItem,
  type InventoryMessage,
  InventoryType,
  isBlockItem,
  isTransactionItem,
} from "@bitfleet/protocol/wire/relay.ts";
import type { Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule } from "../peer-module.ts";
import type { BlockServing } from "./block-serving.ts";

export interface DataRequestsDependencies {
  readonly blocks: Pick<BlockServing, "serve">;
  /** Whether transactions are relayed to this peer at all. */
  readonly relaysTransactions: (peer: Peer) => boolean;
  /** A transaction that this peer may have; telling it counts as broadcast. */
  readonly findTransaction: (peer: Peer, item: InventoryItem) => Transaction | undefined;
  readonly log: Logger;
}

/** `getdata`: transactions and blocks in the order in which they were asked for, no faster than the peer takes them. */
export class DataRequests implements PeerModule {
  readonly #deps: DataRequestsDependencies;

  readonly handlers: MessageHandlers = {
    getdata: (peer, message) => this.#getData(peer, message),
  };

  constructor(deps: DataRequestsDependencies) {
    this.#deps = deps;
  }

  async #getData(peer: Peer, { items }: InventoryMessage): Promise<void> {
    const first = items[0];
    const { log, blocks } = this.#deps;
    log.debug("net", `received getdata (${items.length} invsz) peer=${peer.id}`);
    if (first !== undefined) log.debug("net", `received getdata for: ${formatInventoryItem(first)} peer=${peer.id}`);
    let missing: InventoryItem[] = [];
    for (const item of items) {
      // The peer reads slowly: nothing more is made for it until it has caught up.
      if (peer.connection.isSendPaused) await peer.connection.whenSendable();
      if (!peer.connection.isOpen) return;
      if (isTransactionItem(item.kind)) {
        if (!this.#sendTransaction(peer, item)) missing.push(item);
        continue;
      }
      if (isBlockItem(item.kind)) await blocks.serve(peer, item.kind, item.hash as BlockHash);
      // What is not to be had is told with the next block, as peers of Core are used to.
      sendMissing(peer, missing);
      missing = [];
    }
    sendMissing(peer, missing);
  }

  /** False where there is no such transaction to be had. Who wants none told of gets none, and no answer either. */
  #sendTransaction(peer: Peer, item: InventoryItem): boolean {
    if (!this.#deps.relaysTransactions(peer)) return true;
    const tx = this.#deps.findTransaction(peer, item);
    if (tx === undefined) return false;
    peer.send({ type: "tx", tx, withoutWitness: item.kind === InventoryType.TX });
    return true;
  }
}

function sendMissing(peer: Peer, items: readonly InventoryItem[]): void {
  if (items.length > 0 && peer.connection.isOpen) peer.send({ type: "notfound", items });
}
