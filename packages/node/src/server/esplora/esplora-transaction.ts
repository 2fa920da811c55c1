import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  isCoinbase,
  type Transaction,
  type TxInput,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { outputTypeOf } from "@bitfleet/protocol/script/templates.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { feeOf, type SpentOutput } from "../rest/transaction-view.ts";
import { type EsploraScript, esploraAsm, esploraScript, lastPush } from "./esplora-script.ts";

/** Transactions in Esplora's JSON. Amounts are satoshis. */

export type EsploraStatus =
  | { readonly confirmed: false }
  | {
      readonly confirmed: true;
      readonly block_height: number;
      readonly block_hash: string;
      readonly block_time: number;
    };

export interface EsploraOutput extends EsploraScript {
  readonly value: number;
}

export interface EsploraInput {
  readonly txid: string;
  readonly vout: number;
  readonly prevout: EsploraOutput | null;
  readonly scriptsig: string;
  readonly scriptsig_asm: string;
  readonly witness?: readonly string[];
  readonly is_coinbase: boolean;
  readonly sequence: number;
  readonly inner_redeemscript_asm?: string;
  readonly inner_witnessscript_asm?: string;
}

export interface EsploraTransaction {
  readonly txid: string;
  readonly version: number;
  readonly locktime: number;
  readonly vin: readonly EsploraInput[];
  readonly vout: readonly EsploraOutput[];
  readonly size: number;
  readonly weight: number;
  readonly fee: number;
  readonly status: EsploraStatus;
}

/** `block` is absent for one of the mempool. `spent`: the coins of its inputs, where known. */
export function esploraTransaction(
  tx: Transaction,
  spent: readonly (SpentOutput | undefined)[] | undefined,
  block: BlockIndexEntry | undefined,
  prefixes: AddressPrefixes,
): EsploraTransaction {
  const coinbase = isCoinbase(tx);
  return {
    txid: displayHash(tx.txid),
    version: tx.version,
    locktime: tx.lockTime,
    vin: tx.inputs.map((input, index) => inputOf(input, coinbase, spent?.[index]?.output, prefixes)),
    vout: tx.outputs.map((output) => outputOf(output, prefixes)),
    size: tx.size,
    weight: tx.weight,
    // Clients read a number: Esplora says 0 for a coinbase.
    fee: coinbase ? 0 : (feeOf(tx, spent) ?? 0),
    status: esploraStatus(block),
  };
}

export function esploraStatus(block: BlockIndexEntry | undefined): EsploraStatus {
  if (block === undefined) return { confirmed: false };
  const { height, hash, header } = block;
  return { confirmed: true, block_height: height, block_hash: displayHash(hash), block_time: header.time };
}

function outputOf(output: TxOutput, prefixes: AddressPrefixes): EsploraOutput {
  return { ...esploraScript(output.scriptPubKey, prefixes), value: Number(output.value) };
}

function inputOf(
  { previousOutput, scriptSig, witness, sequence }: TxInput,
  coinbase: boolean,
  spent: TxOutput | undefined,
  prefixes: AddressPrefixes,
): EsploraInput {
  return {
    txid: displayHash(previousOutput.txid),
    vout: previousOutput.index,
    prevout: spent === undefined ? null : outputOf(spent, prefixes),
    scriptsig: toHex(scriptSig),
    scriptsig_asm: esploraAsm(scriptSig),
    ...(witness.length > 0 && { witness: witness.map(toHex) }),
    is_coinbase: coinbase,
    sequence,
    ...(spent !== undefined && innerScripts(scriptSig, witness, spent)),
  };
}

/** The scripts that the hashes in the spent output stand for. */
function innerScripts(scriptSig: Uint8Array, witness: readonly Uint8Array[], { scriptPubKey }: TxOutput) {
  const isScriptHash = outputTypeOf(scriptPubKey) === "scripthash";
  const redeemScript = isScriptHash ? lastPush(scriptSig) : undefined;
  const program = redeemScript ?? scriptPubKey;
  const witnessScript = outputTypeOf(program) === "witness_v0_scripthash" ? witness.at(-1) : undefined;
  return {
    ...(redeemScript !== undefined && { inner_redeemscript_asm: esploraAsm(redeemScript) }),
    ...(witnessScript !== undefined && { inner_witnessscript_asm: esploraAsm(witnessScript) }),
  };
}
