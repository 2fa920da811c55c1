import { overwrittenHeight } from "@bitfleet/protocol/consensus/bip30.ts";
import type { BlockUndo, ChainLink, Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { isUnspendable } from "@bitfleet/protocol/script/script.ts";

/** What blocks and transactions mean to the scripts that they pay to and spend from. Pure. */

/** The SHA-256 of a script, by which the address index knows it. */
export function scriptKeyOf(script: Uint8Array): HashKey {
  return hashKey(sha256(script));
}

/** An output of a transaction. */
export interface PaidOutput {
  readonly script: HashKey;
  readonly value: Sats;
  /** Whether it is a coin at all: what nobody can ever spend is none, nor what genesis made. */
  readonly isCoin: boolean;
}

/** A coin as its script has it. */
export interface ScriptCoin {
  readonly script: HashKey;
  readonly txid: HashKey;
  readonly index: number;
  readonly value: Sats;
  readonly height: number;
  readonly isCoinbase: boolean;
}

/** What takes a transaction back. */
export interface TransactionEffects {
  readonly txid: HashKey;
  readonly isCoinbase: boolean;
  /** In their order. */
  readonly outputs: readonly PaidOutput[];
  readonly spent: readonly ScriptCoin[];
  /** Coins that are gone although nobody spent them: those of a coinbase that comes twice (BIP30). */
  readonly overwritten: readonly ScriptCoin[];
}

/** A transaction of a block as its scripts see it. */
export interface BlockTransactionEffects extends TransactionEffects {
  readonly position: number;
  /** `undefined` for a coinbase. */
  readonly fee: Sats | undefined;
}

/** What each transaction of a block does, in block order. */
export function effectsOf(link: ChainLink, block: Block, undo: BlockUndo): readonly BlockTransactionEffects[] {
  return block.transactions.map((tx, position) => {
    const isCoinbase = position === 0;
    const coins = isCoinbase ? [] : undo.transactions[position - 1]!;
    const outputs = outputsOf(tx, link.height > 0);
    const txid = hashKey(tx.txid);
    const spent = coins.map((coin, index) => {
      const { txid: made, index: output } = tx.inputs[index]!.previousOutput;
      return scriptCoin(coin, hashKey(made), output);
    });
    const repeated = isCoinbase ? overwrittenHeight(link) : undefined;
    const overwritten = repeated === undefined ? [] : coinsMadeBy({ txid, outputs, isCoinbase }, repeated);
    const fee = isCoinbase ? undefined : sumOf(spent) - sumOf(outputs);
    return { txid, isCoinbase, outputs, spent, overwritten, position, fee };
  });
}

/** The outputs of a transaction; `makesCoins` is false for that of genesis. */
export function outputsOf(tx: Transaction, makesCoins = true): readonly PaidOutput[] {
  return tx.outputs.map(({ value, scriptPubKey }) => ({
    script: scriptKeyOf(scriptPubKey),
    value,
    isCoin: makesCoins && !isUnspendable(scriptPubKey),
  }));
}

/** The coins that a transaction made at `height`. */
export function coinsMadeBy(
  { txid, outputs, isCoinbase }: Pick<TransactionEffects, "txid" | "outputs" | "isCoinbase">,
  height: number,
): readonly ScriptCoin[] {
  return outputs.flatMap(({ script, value, isCoin }, index) =>
    isCoin ? [{ script, txid, index, value, height, isCoinbase }] : [],
  );
}

function scriptCoin({ output, height, isCoinbase }: Coin, txid: HashKey, index: number): ScriptCoin {
  return { script: scriptKeyOf(output.scriptPubKey), txid, index, value: output.value, height, isCoinbase };
}

function sumOf(parts: readonly { readonly value: Sats }[]): Sats {
  return parts.reduce((sum, { value }) => sum + value, 0n);
}

/** What one transaction means to one script. */
export interface Touch {
  /** Outputs that pay to the script, and what they pay. */
  outputCount: number;
  received: Sats;
  /** Inputs that spend from it, and what they spend. */
  inputCount: number;
  sent: Sats;
  /** By how much the number of the script's coins grows. */
  coinCount: number;
  /** By how much what they are worth grows. */
  balance: Sats;
}

/** What a transaction means to each script that it touches, in the order in which they first come in it. */
export function touchesOf({
  outputs,
  spent,
  overwritten = [],
}: {
  readonly outputs: readonly PaidOutput[];
  readonly spent: readonly { readonly script: HashKey; readonly value: Sats }[];
  readonly overwritten?: readonly ScriptCoin[];
}): ReadonlyMap<HashKey, Readonly<Touch>> {
  const touches = new Map<HashKey, Touch>();
  const touchOf = (script: HashKey): Touch => {
    const known = touches.get(script);
    if (known !== undefined) return known;
    const made: Touch = { outputCount: 0, received: 0n, inputCount: 0, sent: 0n, coinCount: 0, balance: 0n };
    touches.set(script, made);
    return made;
  };
  const lose = (touch: Touch, value: Sats) => {
    touch.coinCount--;
    touch.balance -= value;
  };
  for (const { script, value } of spent) {
    const touch = touchOf(script);
    touch.inputCount++;
    touch.sent += value;
    lose(touch, value);
  }
  for (const { script, value, isCoin } of outputs) {
    const touch = touchOf(script);
    touch.outputCount++;
    touch.received += value;
    if (!isCoin) continue;
    touch.coinCount++;
    touch.balance += value;
  }
  // Its script is that of an output, which is why it was overwritten.
  for (const { script, value } of overwritten) lose(touchOf(script), value);
  return touches;
}
