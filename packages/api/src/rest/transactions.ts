import { flag, hashText, integer, list, nullable, object, type Static, sats, text } from "../schema.ts";

/** Transactions as every route shows them. */

export const ScriptView = object({
  type: text("Template the script follows: pubkeyhash, witness_v0_keyhash, nonstandard, …"),
  asm: text("The script, disassembled"),
  hex: text("The script, in hex"),
  address: nullable(text("Address of the script, where it has one")),
});

/** What an input spends, as the block's undo data tells. */
export const PrevoutView = object({
  value: sats("Amount spent"),
  height: integer("Height of the block that made the coin"),
  is_coinbase: flag("Whether a coinbase made the coin"),
  script: ScriptView,
});

export const TransactionInputView = object({
  coinbase: nullable(text("Script of a coinbase input, in hex; null for any other input")),
  txid: nullable(hashText("Transaction whose output is spent; null for a coinbase")),
  vout: nullable(integer("Index of the spent output; null for a coinbase")),
  script_sig_asm: text("Input script, disassembled"),
  script_sig_hex: text("Input script, in hex"),
  witness: list(text("Witness item, in hex"), "Witness stack, bottom first"),
  sequence: integer("Sequence number"),
  prevout: nullable(PrevoutView),
});
export type TransactionInputView = Static<typeof TransactionInputView>;

export const TransactionOutputView = object({
  index: integer("Position among the outputs"),
  value: sats("Amount"),
  script: ScriptView,
});
export type TransactionOutputView = Static<typeof TransactionOutputView>;

/** A transaction of a block, with everything a page shows of it. Amounts are in satoshis. */
export const TransactionView = object({
  txid: hashText("Hash without witness"),
  wtxid: hashText("Hash with witness"),
  index: integer("Position in the block"),
  is_coinbase: flag("Whether it is the block's coinbase"),
  version: integer("Version"),
  lock_time: integer("Lock time"),
  size_bytes: integer("Bytes with witness"),
  virtual_size: integer("BIP141 virtual size, in vbytes"),
  weight: integer("BIP141 weight units"),
  fee: nullable(sats("Inputs less outputs; null for a coinbase or where the spent coins are not known")),
  total_output: sats("Sum of the outputs"),
  inputs: list(TransactionInputView),
  outputs: list(TransactionOutputView),
});
export type TransactionView = Static<typeof TransactionView>;
