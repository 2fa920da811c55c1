import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { socketTurn } from "../../turns.ts";
import type { BlockAndUndo } from "./block-reader.ts";
import type { ChainStep } from "./chain-step.ts";
import type { Ordinal } from "./event-cursor.ts";
import { eventFrame } from "./event-frame.ts";
import type { EventPart } from "./event-log.ts";
import { touchedFields, touchedScripts } from "./touched-scripts.ts";

/** Transactions looked at before others have a turn: some milliseconds. */
const TRANSACTIONS_PER_TURN = 256;

/** What somebody wants to know of the inside of blocks. */
export interface PartsWanted {
  readonly transactions: boolean;
  /** Absent where nobody asks for addresses. */
  readonly hasScript?: ((scriptHash: string) => boolean) | undefined;
}

export interface PartsContext {
  readonly prefixes: AddressPrefixes;
  /** The cursor of a part: `next` is to be told behind it. */
  readonly cursor: (next: Ordinal) => string;
}

/** The events of a block's transactions and of the addresses that they touch, in the order of the block. */
export async function blockParts(
  step: ChainStep,
  { block, undo }: BlockAndUndo,
  wanted: PartsWanted,
  context: PartsContext,
): Promise<readonly EventPart[]> {
  const parts: EventPart[] = [];
  const { entry } = step;
  const name = step.kind === "connected" ? "confirmed" : "disconnected";
  for (const [tx, transaction] of block.transactions.entries()) {
    if (tx % TRANSACTIONS_PER_TURN === TRANSACTIONS_PER_TURN - 1) await socketTurn();
    // Text, so that a part that nobody has read yet keeps no block in memory.
    const txid = displayHash(transaction.txid);
    const inBlock = () => ({ height: entry.height, block_hash: displayHash(entry.hash), position: tx });
    const cursor = (script: number) => () => context.cursor({ tx, script: script + 1 });
    if (wanted.transactions) {
      const fields = () => ({ txid, ...inBlock() });
      parts.push({ tx, script: 0, kind: "transactions", frame: eventFrame(`transaction-${name}`, cursor(0), fields) });
    }
    if (wanted.hasScript === undefined) continue;
    const spent = tx === 0 ? [] : (undo.transactions[tx - 1] ?? []).map(({ output }) => output);
    for (const [index, touched] of touchedScripts(transaction, spent).entries()) {
      const { scriptHash } = touched;
      if (!wanted.hasScript(scriptHash)) continue;
      const script = index + 1;
      const fields = () => ({ ...touchedFields(txid, touched, context.prefixes), ...inBlock() });
      const frame = eventFrame(`address-${name}`, cursor(script), fields);
      parts.push({ tx, script, kind: "address", scriptHash, frame });
    }
  }
  return parts;
}
