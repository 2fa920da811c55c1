import { amount, arr, bool, hex, maybe, num, obj, optional, str, time, withDefault } from "./rpc-schema.ts";

/** What several wallet methods take and answer. */

/** Behind the description of what uses private keys. */
export const NEEDS_PASSPHRASE = "\nAn encrypted wallet must have been unlocked with walletpassphrase.";

export const ADDRESS_TYPES = '"legacy", "p2sh-segwit", "bech32", "bech32m"';
export const EXAMPLE_ADDRESS = '"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl"';
export const EXAMPLE_TXID = '"1075db55d416d3ca199f55b6084e2115b9345e16c5cf302fc80e9d5fbf5d48d"';

export const loadOnStartup = optional(
  "load_on_startup",
  "bool",
  "Whether settings.json is to say that the wallet is loaded at start: true adds it, false takes it out, null leaves it.",
);

export const filePassphrase = optional(
  "passphrase",
  "string",
  "The wallet's passphrase, where its whole file is protected by it (-walletfileprotection=passphrase). It opens the file and does not unlock the keys.",
);

/** What a wallet that was loaded, made or unloaded warns of. */
export const walletWarnings = (what: string) =>
  maybe(arr(str(""), `What to know about ${what} the wallet, if anything.`));

/** Once had a meaning for wallets that watched others' keys. */
export const noLongerUsed = <const Name extends string>(name: Name) =>
  withDefault(name, "bool", false, "(DEPRECATED) No longer used");

export const minimumConfirmations = (byDefault: number) =>
  withDefault("minconf", "int", byDefault, "Count transactions with at least so many confirmations.");

export const immatureCoinbase = withDefault(
  "include_immature_coinbase",
  "bool",
  false,
  "Whether to count coinbase outputs that are not mature.",
);

/** The block up to which a wallet has followed the chain. */
export const lastProcessedBlock = obj(
  { hash: hex("Its hash"), height: num("Its height") },
  "The block that the answer is about",
);

const CATEGORY = `What it is for the wallet:
"send"      it pays somebody,
"receive"   it is paid,
"generate"  it is paid by a coinbase that is mature,
"immature"  by one that is not yet,
"orphan"    by one whose block is not in the chain.`;

const parentDescriptors = maybe(
  arr(str("A descriptor"), 'The descriptors that the output comes from (only where category is "receive")'),
);

/** What is told of a wallet's transaction in each of its entries. */
export const walletTransactionFields = {
  confirmations: num("Confirmations; below 0, so many blocks ago a conflicting transaction was confirmed"),
  generated: maybe(bool("Only where it is a coinbase")),
  trusted: maybe(bool("Whether it counts as safe to spend from (only with 0 or fewer confirmations)")),
  blockhash: maybe(hex("The block it is in")),
  blockheight: maybe(num("Height of the block")),
  blockindex: maybe(num("Its place in the block")),
  blocktime: maybe(time("The block's time in UNIX epoch time")),
  txid: hex("The transaction id"),
  wtxid: hex("Hash with its witness"),
  walletconflicts: arr(hex("A transaction id"), "Confirmed transactions that conflict with it"),
  replaced_by_txid: maybe(hex("What replaced it")),
  replaces_txid: maybe(hex("What it replaces")),
  mempoolconflicts: arr(hex("A transaction id"), "Transactions of the mempool that conflict with it or one before it"),
  to: maybe(str("Whom it is for, where somebody noted that")),
  time: time("Its time in UNIX epoch time"),
  timereceived: time("When the wallet got it, in UNIX epoch time"),
  comment: maybe(str("A comment, where there is one")),
  "bip125-replaceable": maybe(
    str('(DEPRECATED) "yes", "no" or "unknown": whether it, or what is before it in the mempool, signals BIP 125'),
  ),
  parent_descs: parentDescriptors,
};

const amountOfEntry = amount("The amount in BTC; below 0 where it pays");
const feeOfEntry = maybe(amount('The fee in BTC, below 0 (only where category is "send")'));
const label = maybe(str("Label of the address"));
const abandoned = bool("Whether it was abandoned, so that what it spends may be spent otherwise");

/** An entry of `listtransactions`. */
export const listedTransaction = obj({
  address: maybe(str("The address (absent where the output has none)")),
  category: str(CATEGORY),
  amount: amountOfEntry,
  label,
  vout: num("Index of the output"),
  fee: feeOfEntry,
  ...walletTransactionFields,
  abandoned,
});

/** An entry of `listsinceblock`: the same in another order. */
export const listedSinceBlock = obj({
  address: maybe(str("The address (absent where the output has none)")),
  category: str(CATEGORY),
  amount: amountOfEntry,
  vout: num("Index of the output"),
  fee: feeOfEntry,
  ...walletTransactionFields,
  abandoned,
  label,
});

/** An entry of the details of `gettransaction`. */
export const transactionDetail = obj({
  address: maybe(str("The address")),
  category: str(CATEGORY),
  amount: amountOfEntry,
  label,
  vout: num("Index of the output"),
  fee: feeOfEntry,
  abandoned,
  parent_descs: parentDescriptors,
});
