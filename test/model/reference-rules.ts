import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolOptions } from "../../packages/node/src/mempool/mempool-options.ts";
import { type ChainView, coinKey, idOf, type ModelCoin, spentKeys } from "./reference-chain.ts";
import { CONDITION, DUST_BELOW, kindOf } from "./scripts.ts";

/** What is asked of a transaction by itself and of its coins, one rule after the other in Bitcoin Core's order. */

export interface ModelReject {
  readonly kind: string;
  readonly reason: string;
  readonly detail: string;
}

export function refuse(kind: string, reason: string, detail = ""): ModelReject {
  return { kind, reason, detail };
}

/** A coin, or none, for every input; unconfirmed ones as if the next block had them. */
export type CoinFinder = (key: string) => ModelCoin | undefined;

export const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
export const namesOf = (tx: Transaction) => `tx ${displayHash(tx.txid)} (wtxid=${displayHash(tx.wtxid)})`;
/** The fee for a size at satoshis a thousand vbytes, rounded up. */
export const feeAt = (feerate: bigint, vsize: number): bigint => {
  const exact = feerate * BigInt(vsize);
  return exact % 1000n === 0n ? exact / 1000n : exact / 1000n + 1n;
};

export function money(sats: bigint): string {
  const [whole, rest] = [sats / 100_000_000n, (sats % 100_000_000n).toString().padStart(8, "0")];
  return `${whole}.${rest.slice(0, 2)}${rest.slice(2).replace(/0+$/, "")}`;
}

/** Twenty for each bare multisig, and each of them costs four. */
export const sigopsCostOf = (tx: Transaction): number =>
  80 * tx.outputs.filter(({ scriptPubKey }) => kindOf(scriptPubKey) === "multisig").length;

export function dustOf(tx: Transaction): number[] {
  return [...tx.outputs.keys()].filter((index) => {
    const { value, scriptPubKey } = tx.outputs[index]!;
    return value < DUST_BELOW[kindOf(scriptPubKey)];
  });
}

/** Form and standardness. */
export function judgeForm(tx: Transaction, options: MempoolOptions): ModelReject | undefined {
  const keys = spentKeys(tx);
  if (new Set(keys).size < keys.length) return refuse("consensus", "bad-txns-inputs-duplicate");
  if (keys[0] === coinKey("00".repeat(32), 0xffffffff)) return refuse("consensus", "coinbase");
  if (options.requiresStandard) {
    if (![1, 2, 3].includes(tx.version)) return refuse("not-standard", "version");
    if (tx.weight > 400_000) return refuse("not-standard", "tx-size");
    let room = options.standardness.dataCarrierSizeMax ?? 0;
    for (const { scriptPubKey } of tx.outputs) {
      const kind = kindOf(scriptPubKey);
      if (kind === "strange") return refuse("not-standard", "scriptpubkey");
      if (kind === "data" && scriptPubKey.length > room) return refuse("not-standard", "datacarrier");
      if (kind === "data") room -= scriptPubKey.length;
    }
    if (dustOf(tx).length > 1) return refuse("not-standard", "dust");
  }
  return tx.strippedBytes.length < 65 ? refuse("not-standard", "tx-size-small") : undefined;
}

/** BIP113: whether the lock time lets it into the next block. */
export function isFinalNext(tx: Transaction, chain: ChainView): boolean {
  if (tx.lockTime === 0 || tx.inputs.every(({ sequence }) => sequence === 0xffffffff)) return true;
  if (tx.lockTime < 500_000_000) return tx.lockTime <= chain.height;
  return tx.lockTime < chain.medianTime(chain.height);
}

/** BIP68: whether all relative locks let it into the next block. */
export function areLocksOver(tx: Transaction, coins: readonly ModelCoin[], chain: ChainView): boolean {
  if (tx.version < 2) return true;
  return tx.inputs.every(({ sequence }, index) => {
    if (sequence >= 2 ** 31) return true;
    const { height } = coins[index]!;
    const length = sequence % 2 ** 16;
    const countsTime = Math.floor(sequence / 2 ** 22) % 2 === 1;
    if (!countsTime) return chain.height + 1 >= height + length;
    return chain.medianTime(chain.height) >= chain.medianTime(Math.max(height - 1, 0)) + 512 * length;
  });
}

/** A reward can be spent by the block that is a hundred above its own. */
export const isMature = ({ isReward, height }: ModelCoin, chain: ChainView): boolean =>
  !isReward || chain.height + 1 - height >= 100;

/** What is asked of the coins; the fee where nothing is wrong. */
export function judgeCoins(
  tx: Transaction,
  coins: readonly ModelCoin[],
  chain: ChainView,
  options: MempoolOptions,
): { readonly fee: bigint } | ModelReject {
  if (!areLocksOver(tx, coins, chain)) return refuse("premature-spend", "non-BIP68-final");
  const young = coins.find((coin) => !isMature(coin, chain));
  if (young !== undefined) {
    const depth = chain.height + 1 - young.height;
    const detail = `tried to spend coinbase at depth ${depth}`;
    return refuse("premature-spend", "bad-txns-premature-spend-of-coinbase", detail);
  }
  const [valueIn, valueOut] = [sum(coins.map(({ output }) => output.value)), sum(tx.outputs.map(({ value }) => value))];
  if (valueIn < valueOut) {
    const detail = `value in (${money(valueIn)}) < value out (${money(valueOut)})`;
    return refuse("consensus", "bad-txns-in-belowout", detail);
  }
  if (options.requiresStandard) {
    const strange = coins.findIndex(({ output }) => kindOf(output.scriptPubKey) === "strange");
    if (strange >= 0)
      return refuse("inputs-not-standard", "bad-txns-nonstandard-inputs", `input ${strange} script unknown`);
    const isStuffed = tx.inputs.some(({ witness }, index) => {
      if (kindOf(coins[index]!.output.scriptPubKey) !== "condition") return witness.length > 0;
      return witness.slice(0, -1).some(({ length }) => length > 80);
    });
    if (isStuffed) return refuse("witness-mutated", "bad-witness-nonstandard");
  }
  return { fee: valueIn - valueOut };
}

/** Whether the scripts run, told by what the model test makes of them: an item that is not zero, and the condition. */
export function judgeScripts(tx: Transaction, coins: readonly ModelCoin[]): ModelReject | undefined {
  for (const [index, { witness, previousOutput }] of tx.inputs.entries()) {
    const fault = scriptFault(kindOf(coins[index]!.output.scriptPubKey), witness);
    if (fault === undefined) continue;
    const isStripped =
      tx.inputs.every((input) => input.witness.length === 0) &&
      coins.some(({ output }) => kindOf(output.scriptPubKey) === "condition");
    const place = `input ${index} of ${displayHash(tx.txid)} (wtxid ${displayHash(tx.wtxid)})`;
    return refuse(
      isStripped ? "witness-stripped" : "not-standard",
      `mempool-script-verify-flag-failed (${fault})`,
      `${place}, spending ${displayHash(previousOutput.txid)}:${previousOutput.index}`,
    );
  }
  return undefined;
}

function scriptFault(kind: string, witness: readonly Uint8Array[]): string | undefined {
  if (kind !== "condition") return undefined;
  if (witness.length === 0) return "Witness program was passed an empty witness";
  if (toHex(witness.at(-1)!) !== toHex(CONDITION)) return "Witness program hash mismatch";
  const items = witness.slice(0, -1);
  if (items.length === 0) return "Operation not valid with the current stack size";
  return items.at(-1)!.some((byte) => byte !== 0) ? undefined : "Script failed an OP_VERIFY operation";
}

/** Coins in input order, or the lack of one. */
export function coinsFor(tx: Transaction, find: CoinFinder): readonly ModelCoin[] | undefined {
  const coins = spentKeys(tx).map(find);
  return coins.every((coin) => coin !== undefined) ? coins : undefined;
}

/** Where coins are missing, the transaction may be in a block already: then one of its outputs is likely to be there. */
export function missingCoins(tx: Transaction, chain: ChainView): ModelReject {
  const isThere = tx.outputs.slice(0, 16).some((_, index) => chain.coins().has(coinKey(idOf(tx), index)));
  return isThere ? refuse("conflict", "txn-already-known") : refuse("missing-inputs", "bad-txns-inputs-missingorspent");
}
