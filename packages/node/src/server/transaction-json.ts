import { amountNumber } from "@bitfleet/api/amount.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { isCoinbase, type Transaction, type TxInput } from "@bitfleet/protocol/primitives/transaction.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { disassembleScript } from "@bitfleet/protocol/script/disassemble.ts";
import { outputTypeOf } from "@bitfleet/protocol/script/templates.ts";
import { inferDescriptor, type ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { hashText, hexOf } from "./hex.ts";

/** Scripts and transactions in Core's JSON: same fields, same order. */

type JsonMembers = Record<string, RpcValue>;

/** The address of a script; none for pay-to-public-key, which addresses cannot say. */
export function addressOf(script: Uint8Array, context: ScriptContext): string | undefined {
  return outputTypeOf(script) === "pubkey" ? undefined : encodeAddress(script, context.prefixes);
}

/** An output script: asm, desc, hex, address, type. `material` is what is known of what stands behind it. */
export function outputScriptJson(script: Uint8Array, context: ScriptContext, material?: SigningMaterial): JsonMembers {
  return {
    asm: disassembleScript(script),
    desc: inferDescriptor(script, context, material),
    hex: hexOf(script),
    address: addressOf(script, context),
    type: outputTypeOf(script),
  };
}

export interface TransactionJsonOptions {
  /** The coins that the inputs spend, where known: they give the fee. */
  readonly spent?: readonly Coin[] | undefined;
  /** Show each coin with its input. */
  readonly showPrevouts?: boolean;
  /** Show the transaction's bytes. */
  readonly showHex?: boolean;
  /** Tells which outputs are to be marked as change. */
  readonly isChange?: (script: Uint8Array) => boolean;
}

/** A transaction: txid, hash, version, …, vin, vout, fee, hex. */
export function transactionJson(
  tx: Transaction,
  context: ScriptContext,
  options: TransactionJsonOptions = {},
): JsonMembers {
  const coinbase = isCoinbase(tx);
  return {
    txid: hashText(tx.txid),
    hash: hashText(tx.wtxid),
    version: tx.version,
    size: tx.size,
    vsize: tx.virtualSize,
    weight: tx.weight,
    locktime: tx.lockTime,
    vin: tx.inputs.map((input, index) => inputJson(input, coinbase, context, options, index)),
    vout: tx.outputs.map((output, index) => ({
      value: amountNumber(output.value),
      n: index,
      scriptPubKey: outputScriptJson(output.scriptPubKey, context),
      ischange: options.isChange?.(output.scriptPubKey) || undefined,
    })),
    fee: options.spent && amountNumber(feeOf(tx, options.spent)),
    hex: options.showHex ? hexOf(tx.bytes) : undefined,
  };
}

/** What the inputs bring less what the outputs take. */
export function feeOf(tx: Transaction, spent: readonly Coin[]): bigint {
  const inputSum = spent.reduce((sum, coin) => sum + coin.output.value, 0n);
  return tx.outputs.reduce((rest, output) => rest - output.value, inputSum);
}

function inputJson(
  input: TxInput,
  coinbase: boolean,
  context: ScriptContext,
  options: TransactionJsonOptions,
  index: number,
): RpcValue {
  const coin = options.showPrevouts ? options.spent?.[index] : undefined;
  return {
    ...(coinbase
      ? { coinbase: hexOf(input.scriptSig) }
      : {
          txid: hashText(input.previousOutput.txid),
          vout: input.previousOutput.index,
          scriptSig: { asm: disassembleScript(input.scriptSig, SIGHASH_NAMES), hex: hexOf(input.scriptSig) },
        }),
    txinwitness: input.witness.length > 0 ? input.witness.map(hexOf) : undefined,
    prevout: coin && {
      generated: coin.isCoinbase,
      height: coin.height,
      value: amountNumber(coin.output.value),
      scriptPubKey: outputScriptJson(coin.output.scriptPubKey, context),
    },
    sequence: input.sequence,
  };
}

/** In input scripts the last byte of a signature is shown by the name of its hash type. */
const SIGHASH_NAMES = { sighashTypes: true } as const;
