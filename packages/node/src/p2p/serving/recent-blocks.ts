import { bigIntFromLittleEndian } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, type Hash256, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { makeCompactBlock } from "@bitfleet/protocol/wire/compact-blocks.ts";
import { encodeMessage } from "@bitfleet/protocol/wire/message.ts";
import type { Random } from "../../ports.ts";

const NONCE_SIZE = 8;

/** The newest block, ready to be served to everyone who asks at the same moment: decoded, and as a compact block encoded once. */
export class RecentBlocks {
  readonly #random: Pick<Random, "bytes">;
  #block: Block | undefined;
  #compact: Uint8Array | undefined;
  #transactions: Map<HashKey, Transaction> | undefined;

  constructor(random: Pick<Random, "bytes">) {
    this.#random = random;
  }

  note(block: Block): void {
    if (this.#block !== undefined && hashKey(this.#block.hash) === hashKey(block.hash)) return;
    this.#block = block;
    this.#compact = undefined;
    this.#transactions = undefined;
  }

  /** The block of that hash, where it is the newest. */
  block(hash: BlockHash): Block | undefined {
    const block = this.#block;
    return block !== undefined && hashKey(block.hash) === hashKey(hash) ? block : undefined;
  }

  /** The payload of a `cmpctblock` of `block`. The newest one's is made once for all. */
  compactPayload(block: Block): Uint8Array {
    if (this.block(block.hash) === undefined) return this.#encode(block);
    this.#compact ??= this.#encode(block);
    return this.#compact;
  }

  /** A transaction of the newest block by txid or wtxid. */
  transaction(hash: Hash256): Transaction | undefined {
    this.#transactions ??= transactionsByHash(this.#block);
    return this.#transactions.get(hashKey(hash));
  }

  #encode(block: Block): Uint8Array {
    const nonce = bigIntFromLittleEndian(this.#random.bytes(NONCE_SIZE));
    return encodeMessage(makeCompactBlock(block, nonce)).payload;
  }
}

function transactionsByHash(block: Block | undefined): Map<HashKey, Transaction> {
  const found = new Map<HashKey, Transaction>();
  for (const tx of block?.transactions ?? []) {
    found.set(hashKey(tx.txid), tx);
    found.set(hashKey(tx.wtxid), tx);
  }
  return found;
}
