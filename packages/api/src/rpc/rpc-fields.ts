import {
  amount,
  arr,
  bool,
  elision,
  type Field,
  type FieldValue,
  hex,
  maybe,
  num,
  obj,
  str,
  time,
} from "./rpc-schema.ts";

/** Results that several methods share. */

const SCRIPT_TYPES =
  "one of: nonstandard, anchor, pubkey, pubkeyhash, scripthash, multisig, nulldata, witness_v0_scripthash, witness_v0_keyhash, witness_v1_taproot, witness_unknown";

export const outputScript = obj({
  asm: str("The output script, disassembled"),
  desc: str("A descriptor of the output script"),
  hex: hex("The output script's bytes"),
  address: maybe(str("The address, where the script has one")),
  type: str(`The script's type (${SCRIPT_TYPES})`),
});

const prevout = maybe(
  obj(
    {
      generated: bool("Whether a coinbase made the coin"),
      height: num("Height of the block that made the coin"),
      value: amount("The value in BTC"),
      scriptPubKey: outputScript,
    },
    "The coin that is spent (only where undo data is available)",
  ),
);

const inputFields = {
  coinbase: maybe(hex("The input script of a coinbase")),
  txid: maybe(hex("Transaction whose output is spent (not of a coinbase)")),
  vout: maybe(num("Index of the spent output (not of a coinbase)")),
  scriptSig: maybe(
    obj(
      { asm: str("The input script, disassembled"), hex: hex("The input script's bytes") },
      "Input script (not of a coinbase)",
    ),
  ),
  txinwitness: maybe(arr(hex("A witness item"))),
  prevout,
  sequence: num("The sequence number"),
};
const { prevout: _withoutPrevout, ...plainInputFields } = inputFields;

const outputFields = {
  value: amount("The value in BTC"),
  n: num("Position among the outputs"),
  scriptPubKey: outputScript,
};
const outputs = arr(obj(outputFields));

const transactionHead = {
  txid: hex("Hash of the transaction without its witness"),
  hash: hex("Hash with its witness (differs from txid where there is one)"),
  size: num("Bytes with witness"),
  vsize: num("Virtual size in vbytes"),
  weight: num("Weight units (BIP 141)"),
  version: num("The version"),
  locktime: time("The lock time"),
};

/** A transaction as decoderawtransaction answers it. */
export const transactionFields = { ...transactionHead, vin: arr(obj(plainInputFields)), vout: outputs };

/** The same as a wallet answers it. */
export const walletDecodedFields = {
  ...transactionFields,
  vout: arr(obj({ ...outputFields, ischange: maybe(bool("Whether it is the wallet's change (only where it is)")) })),
};

/** The same with spent coins and fee. */
export const transactionWithPrevoutFields = {
  ...transactionHead,
  vin: arr(obj(inputFields)),
  vout: outputs,
  fee: maybe(amount("The fee in BTC (only where undo data is available)")),
};

export const headerFields = {
  hash: hex("The block hash"),
  confirmations: num("Blocks from this one to the tip, both counted; -1 outside the active chain"),
  height: num("The height"),
  version: num("The block version"),
  versionHex: hex("The block version in hexadecimal"),
  merkleroot: hex("The merkle root"),
  time: time("The block's time in UNIX epoch time"),
  mediantime: time("Median time past of the block in UNIX epoch time"),
  nonce: num("The nonce"),
  bits: hex("The target in compact form"),
  target: hex("The target"),
  difficulty: num("The difficulty"),
  chainwork: hex("Expected number of hashes to make the chain up to this block"),
  nTx: num("Transactions in the block"),
  previousblockhash: maybe(hex("Hash of the block before, where there is one")),
  nextblockhash: maybe(hex("Hash of the block behind in the active chain, where there is one")),
};

const sameAs = (verbosity: number) => elision(`Same as for verbosity = ${verbosity}`);

const blockFields = {
  ...headerFields,
  strippedsize: num("Bytes without witnesses"),
  size: num("Bytes with witnesses"),
  weight: num("Weight units (BIP 141)"),
  coinbase_tx: obj(
    {
      version: num("Version of the coinbase"),
      locktime: num("Lock time of the coinbase"),
      sequence: num("Sequence number of the coinbase's input"),
      coinbase: hex("Script of the coinbase's input"),
      witness: maybe(hex("First and only item of the coinbase's witness, where there is one")),
    },
    "What the coinbase says",
  ),
};

export const block = obj({ ...blockFields, tx: arr(hex("A transaction id"), "The transaction ids") });

const withTransactions = obj({
  ...blockFields,
  tx: arr(obj({ ...transactionFields, fee: maybe(amount()), hex: hex() })),
});
const withPrevouts = obj({ ...blockFields, tx: arr(obj({ ...transactionWithPrevoutFields, hex: hex() })) });

/** Help leaves out what verbosity 1 describes; the type has it all. */
export const blockWithTransactions = obj({
  same: sameAs(1),
  tx: arr(
    obj({
      transaction: elision("The transaction as decoderawtransaction has it, with its hex"),
      fee: maybe(amount("The fee in BTC (only where undo data is available)")),
    }),
  ),
}) as Field as Field<FieldValue<typeof withTransactions>>;
export const blockWithPrevouts = obj({
  same: sameAs(2),
  tx: arr(obj({ vin: arr(obj({ same: sameAs(2), prevout })) })),
}) as Field as Field<FieldValue<typeof withPrevouts>>;

export const tipReference = obj({ hash: hex("The block hash"), height: num("The height") });
export const warnings = arr(str("A warning"), "Warnings about network and chain");
