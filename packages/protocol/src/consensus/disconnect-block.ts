import { equalBytes } from "../bytes/bytes.ts";
import type { Block } from "../primitives/block.ts";
import { isCoinbase, type OutPoint, type Transaction } from "../primitives/transaction.ts";
import { hashKey, type OutPointKey, outPointKey, outPointKeyOf } from "../primitives/types.ts";
import { isUnspendable } from "../script/script.ts";
import { isBip30Overwritten } from "./bip30.ts";
import type { BlockUndo, ChainLink, Coin, CoinLookup } from "./chain-view.ts";

/** What taking a block back does to the coins. */
export interface DisconnectEffects {
  /** Coins of the view that are gone: outputs of the block. */
  readonly spent: readonly OutPointKey[];
  /** Coins that are back: what the block spent. */
  readonly created: readonly (readonly [OutPointKey, Coin])[];
  /** False where the view was not what the block had left behind. The result is still the best that can be had. */
  readonly clean: boolean;
}

/** Undo data that do not belong to the block: nothing can be taken back with them. */
export interface DisconnectFailure {
  readonly failure: string;
}

/** Outpoints to fetch before {@link disconnectBlock}: the outputs of the block and what its inputs spent. */
export function disconnectOutPointsOf(block: Pick<Block, "transactions">): OutPoint[] {
  const outPoints: OutPoint[] = [];
  for (const tx of block.transactions) {
    tx.outputs.forEach((_, index) => {
      outPoints.push({ txid: tx.txid, index });
    });
    if (!isCoinbase(tx)) for (const input of tx.inputs) outPoints.push(input.previousOutput);
  }
  return outPoints;
}

/**
 * Takes the block `link` back from the coins after it, last transaction first. `lookup` knows the outpoints of
 * {@link disconnectOutPointsOf}.
 */
export function disconnectBlock(
  block: Block,
  link: ChainLink,
  undo: BlockUndo,
  lookup: CoinLookup,
): DisconnectEffects | DisconnectFailure {
  if (undo.transactions.length + 1 !== block.transactions.length) {
    return { failure: "block and undo data inconsistent" };
  }
  const view = new ReverseView(lookup);
  const isOverwritten = isBip30Overwritten(link);
  let clean = true;
  for (let index = block.transactions.length - 1; index >= 0; index--) {
    const tx = block.transactions[index]!;
    const matched = removeOutputs(tx, link.height, view);
    // BIP30: the two overwritten coinbases are gone, and that is as it should be.
    if (!matched && !(isOverwritten && isCoinbase(tx))) clean = false;
    if (index === 0) continue;
    const coins = undo.transactions[index - 1]!;
    if (coins.length !== tx.inputs.length) return { failure: "transaction and undo data inconsistent" };
    for (let input = coins.length - 1; input >= 0; input--) {
      const key = outPointKey(tx.inputs[input]!.previousOutput);
      if (view.get(key) !== undefined) clean = false;
      view.set(key, coins[input]!);
    }
  }
  return { ...view.changes(), clean };
}

/** Removes the outputs of a transaction; false where one was missing or other than the transaction made it. */
function removeOutputs(tx: Transaction, height: number, view: ReverseView): boolean {
  const txid = hashKey(tx.txid);
  const coinbase = isCoinbase(tx);
  let matched = true;
  tx.outputs.forEach((output, index) => {
    if (isUnspendable(output.scriptPubKey)) return;
    const key = outPointKeyOf(txid, index);
    const coin = view.get(key);
    matched &&=
      coin !== undefined &&
      coin.height === height &&
      coin.isCoinbase === coinbase &&
      coin.output.value === output.value &&
      equalBytes(coin.output.scriptPubKey, output.scriptPubKey);
    view.set(key, undefined);
  });
  return matched;
}

/** The coins while transactions are taken back, one after the other. */
class ReverseView {
  readonly #lookup: CoinLookup;
  readonly #changes = new Map<OutPointKey, Coin | undefined>();

  constructor(lookup: CoinLookup) {
    this.#lookup = lookup;
  }

  get(key: OutPointKey): Coin | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#lookup(key);
  }

  set(key: OutPointKey, coin: Coin | undefined): void {
    this.#changes.set(key, coin);
  }

  changes(): Pick<DisconnectEffects, "spent" | "created"> {
    const spent: OutPointKey[] = [];
    const created: [OutPointKey, Coin][] = [];
    for (const [key, coin] of this.#changes) {
      if (coin !== undefined) created.push([key, coin]);
      else if (this.#lookup(key) !== undefined) spent.push(key);
    }
    return { spent, created };
  }
}
