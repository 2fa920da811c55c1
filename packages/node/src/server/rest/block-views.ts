import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import type { TransactionInputView, TransactionView } from "@bitfleet/api/rest/transactions.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { isCoinbase, type Transaction, type TxInput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { type AddressPrefixes, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { disassembleScript } from "@bitfleet/protocol/script/disassemble.ts";
import { outputTypeOf } from "@bitfleet/protocol/script/templates.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import { bitsText, confirmationsOf, difficultyOf } from "../chain-json.ts";
import { feeOf } from "../transaction-json.ts";

/** Blocks and transactions as the HTTP API shows them. */

/** Sizes of blocks remembered, so that a list of blocks reads no files twice. */
const REMEMBERED_BLOCKS_MAX = 4096;

type BlockSizes = Pick<BlockSummary, "size_bytes" | "stripped_size_bytes" | "weight">;
/** Of a block that is not here any more. */
const UNKNOWN_SIZES: BlockSizes = { size_bytes: null, stripped_size_bytes: null, weight: null };

export class BlockViews {
  readonly #chain: Chain;
  readonly #sizes = new Map<BlockIndexEntry, BlockSizes>();

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** One block without its transactions. Rejects with `StorageError` where its data should be here and cannot be read. */
  async summary(entry: BlockIndexEntry): Promise<BlockSummary> {
    const chain = this.#chain;
    const sizes = await this.#sizesOf(entry);
    const { header } = entry;
    const next = chain.isInActiveChain(entry) ? chain.next(entry) : undefined;
    return {
      hash: displayHash(entry.hash),
      previous_hash: displayHash(entry.previous?.hash ?? ZERO_HASH),
      next_hash: next ? displayHash(next.hash) : null,
      height: entry.height,
      confirmations: confirmationsOf(chain, entry),
      timestamp: header.time,
      median_time: medianTimePast(entry),
      version: header.version,
      bits: bitsText(header.bits),
      nonce: header.nonce,
      difficulty: difficultyOf(header.bits),
      merkle_root: displayHash(header.merkleRoot),
      transaction_count: entry.transactionCount,
      ...sizes,
    };
  }

  /** Transactions `from` up to `to` (not included) of a block. */
  async transactions(entry: BlockIndexEntry, from: number, to: number): Promise<TransactionView[]> {
    const block = await this.#chain.readBlock(entry);
    const undo = entry.hasUndo ? await this.#chain.readUndo(entry) : undefined;
    const { addressPrefixes } = this.#chain.network;
    return block.transactions.slice(from, to).map((tx, offset) => {
      const index = from + offset;
      return transactionView(tx, index, index === 0 ? undefined : undo?.transactions[index - 1], addressPrefixes);
    });
  }

  async #sizesOf(entry: BlockIndexEntry): Promise<BlockSizes> {
    const known = this.#sizes.get(entry);
    if (known !== undefined) return known;
    if (this.#chain.isPruned(entry)) return UNKNOWN_SIZES;
    return this.remember(entry, await this.#chain.readBlock(entry));
  }

  /** Keeps the sizes of a block that is at hand. */
  remember(entry: BlockIndexEntry, block: Block): BlockSizes {
    const sizes = { size_bytes: block.size, stripped_size_bytes: block.strippedSize, weight: block.weight };
    if (this.#sizes.size >= REMEMBERED_BLOCKS_MAX) this.#sizes.delete(this.#sizes.keys().next().value!);
    this.#sizes.set(entry, sizes);
    return sizes;
  }
}

function transactionView(
  tx: Transaction,
  index: number,
  spent: readonly Coin[] | undefined,
  prefixes: AddressPrefixes,
): TransactionView {
  const coinbase = isCoinbase(tx);
  return {
    txid: displayHash(tx.txid),
    wtxid: displayHash(tx.wtxid),
    index,
    is_coinbase: coinbase,
    version: tx.version,
    lock_time: tx.lockTime,
    size_bytes: tx.size,
    virtual_size: tx.virtualSize,
    weight: tx.weight,
    fee: spent ? Number(feeOf(tx, spent)) : null,
    total_output: Number(tx.outputs.reduce((sum, output) => sum + output.value, 0n)),
    inputs: tx.inputs.map((input, at) => inputView(input, coinbase, spent?.[at], prefixes)),
    outputs: tx.outputs.map((output, at) => ({
      index: at,
      value: Number(output.value),
      script: scriptView(output.scriptPubKey, prefixes),
    })),
  };
}

function inputView(
  input: TxInput,
  coinbase: boolean,
  coin: Coin | undefined,
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
            height: coin.height,
            is_coinbase: coin.isCoinbase,
            script: scriptView(coin.output.scriptPubKey, prefixes),
          },
  };
}

function scriptView(script: Uint8Array, prefixes: AddressPrefixes) {
  const type = outputTypeOf(script);
  const address = type === "pubkey" ? undefined : encodeAddress(script, prefixes);
  return { type, asm: disassembleScript(script), hex: toHex(script), address: address ?? null };
}
