import type { DecodedTransaction, TransactionInputView } from "@bitfleet/api/rest/transactions.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  isCoinbase,
  type Transaction,
  type TxInput,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { type AddressPrefixes, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { disassembleScript } from "@bitfleet/protocol/script/disassemble.ts";
import { outputTypeOf } from "@bitfleet/protocol/script/templates.ts";

/** A transaction by itself, as the HTTP API shows it. */

/** What an input spends. `height` is absent where its transaction is in no block yet. */
export interface SpentOutput {
  readonly output: TxOutput;
  readonly height: number | undefined;
  readonly isCoinbase: boolean;
}

/** All but where the transaction stands. `spent` are the coins of its inputs, in their order, where they are known. */
export function decodedTransaction(
  tx: Transaction,
  spent: readonly (SpentOutput | undefined)[] | undefined,
  prefixes: AddressPrefixes,
): DecodedTransaction {
  const coinbase = isCoinbase(tx);
  return {
    txid: displayHash(tx.txid),
    wtxid: displayHash(tx.wtxid),
    is_coinbase: coinbase,
    version: tx.version,
    lock_time: tx.lockTime,
    size_bytes: tx.size,
    virtual_size: tx.virtualSize,
    weight: tx.weight,
    fee: coinbase ? null : feeOf(tx, spent),
    total_output: Number(totalOutputOf(tx)),
    inputs: tx.inputs.map((input, at) => inputView(input, coinbase, spent?.[at], prefixes)),
    outputs: tx.outputs.map((output, at) => ({
      index: at,
      value: Number(output.value),
      script: scriptView(output.scriptPubKey, prefixes),
    })),
  };
}

export function totalOutputOf(tx: Transaction): bigint {
  return tx.outputs.reduce((sum, output) => sum + output.value, 0n);
}

/** Inputs less outputs, in satoshis; null where a coin is not known. */
export function feeOf(tx: Transaction, spent: readonly (SpentOutput | undefined)[] | undefined): number | null {
  if (spent === undefined || tx.inputs.length === 0) return null;
  let fee = -totalOutputOf(tx);
  for (let at = 0; at < tx.inputs.length; at++) {
    const coin = spent[at];
    if (coin === undefined) return null;
    fee += coin.output.value;
  }
  return Number(fee);
}

function inputView(
  input: TxInput,
  coinbase: boolean,
  coin: SpentOutput | undefined,
  prefixes: AddressPrefixes,
): TransactionInputView {
  const scriptHex = toHex(input.scriptSig);
  return {
    coinbase: coinbase ? scriptHex : null,
    txid: coinbase ? null : displayHash(input.previousOutput.txid),
    vout: coinbase ? null : input.previousOutput.index,
    script_sig_asm: disassembleScript(input.scriptSig, { sighashTypes: true }),
    script_sig_hex: scriptHex,
    witness: input.witness.map(toHex),
    sequence: input.sequence,
    prevout:
      coin === undefined
        ? null
        : {
            value: Number(coin.output.value),
            height: coin.height ?? null,
            is_coinbase: coin.isCoinbase,
            script: scriptView(coin.output.scriptPubKey, prefixes),
          },
  };
}

export function scriptView(script: Uint8Array, prefixes: AddressPrefixes) {
  const type = outputTypeOf(script);
  const address = type === "pubkey" ? undefined : encodeAddress(script, prefixes);
  return { type, asm: disassembleScript(script), hex: toHex(script), address: address ?? null };
}
