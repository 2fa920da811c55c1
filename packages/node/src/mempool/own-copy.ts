import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";

/** The transaction over bytes of its own: what it was decoded from may be a whole block, or a buffer that is used again. */
export function ownCopy(tx: Transaction): Transaction {
  const { bytes } = tx;
  return bytes.byteLength === bytes.buffer.byteLength ? tx : decodeTransaction(new Reader(bytes.slice()));
}
