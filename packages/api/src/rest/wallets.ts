import { Integer, Literal, Optional, String as StringType, Union } from "typebox";
import { flag, hashText, integer, list, nullable, object, pageOf, type Static, sats, text } from "../schema.ts";
import { NoFields, PageQuery, type RestRoute } from "./route.ts";

/**
 * Wallets that a node keeps, with their keys: for who has a key of the role wallet. A web server has none itself and hands these calls
 * on to the node that does. No answer has a private key in it. What they pay and have got is in `wallet-payments.ts`.
 */

const NAME_LENGTH_MAX = 100;
const LABEL_LENGTH_MAX = 200;
const PASSPHRASE_LENGTH_MAX = 512;
const ADDRESS_LENGTH_MAX = 100;
/** A passphrase of characters that are several bytes each. */
const PASSPHRASE_BYTES_MAX = 8_192;
/** Longest that a wallet stays unlocked: a day. */
export const UNLOCK_SECONDS_MAX = 86_400;

const WalletName = StringType({
  minLength: 1,
  maxLength: NAME_LENGTH_MAX,
  // Not elsewhere: what the key of a shop names is no path into the machine.
  pattern: "^[^/\u0000][^\u0000]*$",
  description: "Name of a wallet, which is its folder in the directory of wallets",
});
const Passphrase = (description: string) => StringType({ minLength: 1, maxLength: PASSPHRASE_LENGTH_MAX, description });
export const Label = StringType({ maxLength: LABEL_LENGTH_MAX, description: "What it is for, in the user's words" });
const Address = StringType({
  minLength: 1,
  maxLength: ADDRESS_LENGTH_MAX,
  pattern: "^[0-9A-Za-z]+$",
  description: "An address",
});
export const WalletAddressParams = object({ address: Address });

export const walletField = {
  wallet: Optional(
    StringType({
      maxLength: NAME_LENGTH_MAX,
      description: "Which wallet; where absent the node's own (`-walletfile`), else the only one that is loaded",
    }),
  ),
};
/** Names a wallet. */
export const WalletNameBody = object({
  name: StringType({ minLength: 1, maxLength: NAME_LENGTH_MAX, description: "Name of a wallet that is loaded" }),
});
/** Which wallet a call is about. */
export const WalletQuery = object(walletField);

/** What every route of a wallet is and may answer. 404: no such wallet, or it is not loaded; 409: not as things stand. */
export const walletRow = { role: "wallet", tag: "wallets", params: NoFields, query: WalletQuery } as const;
/** Which wallet is among the fields of the body. */
const bodyRow = { ...walletRow, method: "POST", query: NoFields } as const;
const failures = [400, 404, 409, 503] as const;

export const WalletListing = object({
  name: text("Its name; the unnamed wallet of bitcoind is empty text"),
  is_loaded: flag("Whether it can be used"),
  is_own: flag("Whether it is the node's own, which is meant where no wallet is named"),
});
export type WalletListing = Static<typeof WalletListing>;

export const WalletInfo = object({
  name: text("Its name"),
  is_own: flag("Whether it is the node's own"),
  is_encrypted: flag("Whether a passphrase protects the private keys"),
  is_locked: flag("Whether it takes the passphrase to spend"),
  unlocked_until: nullable(integer("When it locks itself again, in seconds since 1970; null where it is not unlocked")),
  has_private_keys: flag("Whether it can have private keys: one without only watches"),
  avoids_reuse: flag("Whether coins of addresses that were spent from are set apart"),
  is_scanning: flag("Whether it searches the chain for its transactions"),
  transaction_count: integer("Transactions that it knows"),
  birth_time: nullable(integer("No transaction of it is older, in seconds since 1970; null where it has no keys")),
  block_height: integer("Height of the block up to which it has seen the chain"),
  block_hash: hashText("That block"),
});
export type WalletInfo = Static<typeof WalletInfo>;

const Warnings = list(text("A sentence"), "What its user should know");
export const NewWallet = object({ ...WalletInfo.properties, warnings: Warnings });

export const WalletAddress = object({
  address: text("The address"),
  label: nullable(text("What it is for; null where it has no label")),
  is_mine: flag("Whether the wallet has it; it may only have a label there"),
  is_change: flag("Whether it was made for change"),
  public_key: nullable(text("Its public key, in hex; null where it is of several, or not known")),
  script: text("Output script, in hex"),
  path: nullable(text("Derivation path of its key; null where it has none")),
  descriptor: nullable(text("A descriptor of it, without private keys; null where that is not known")),
  created_at: nullable(integer("No use of it is older, in seconds since 1970; null where that is not known")),
});
export type WalletAddress = Static<typeof WalletAddress>;

export const NewWalletAddress = object({
  address: text("The address"),
  public_key: nullable(text("Its public key, in hex; null where it is of several")),
  label: text("What it is for"),
  wallet: text("The wallet that has it"),
  created_at: text("Now, RFC 3339"),
});
export type NewWalletAddress = Static<typeof NewWalletAddress>;

export const WalletAddressLine = object({
  address: text("The address"),
  label: text("What it is for; empty where nothing was said"),
  is_used: flag("Whether it was ever paid, the mempool included"),
  balance: sats("Worth of its unspent outputs, the mempool included"),
  utxo_count: integer("Its unspent outputs"),
});
export type WalletAddressLine = Static<typeof WalletAddressLine>;

export const WalletAddressBalance = object({
  address: text("The address"),
  balance: sats("Worth of its confirmed outputs that can be spent"),
  unconfirmed_balance: sats("Worth of its outputs in the mempool"),
  immature_balance: sats("Worth of its outputs of coinbases that are not 100 blocks old"),
  utxo_count: integer("Its unspent outputs"),
  last_updated: text("When that was so, RFC 3339"),
});
export type WalletAddressBalance = Static<typeof WalletAddressBalance>;

const AddressKind = Union([Literal("legacy"), Literal("p2sh-segwit"), Literal("bech32"), Literal("bech32m")], {
  description: "Kind of the address; as the node is set up where absent",
});

export const walletRoutes = {
  wallets: {
    ...walletRow,
    query: NoFields,
    path: "/api/wallet/wallets",
    summary: "The wallets in the node's directory of wallets, and those that are loaded from elsewhere",
    data: list(WalletListing),
    failures: [503],
  },
  createWallet: {
    ...bodyRow,
    path: "/api/wallet/wallets",
    summary: "Makes a wallet with new keys and loads it, also at the node's next start",
    description:
      "The keys stay in the node: no answer shows them. Back the wallet up with the call backupwallet. With a passphrase it begins locked.",
    body: object({
      name: WalletName,
      passphrase: Optional(Passphrase("Protects the private keys; without one the key file beside the wallet does")),
      avoid_reuse: Optional(flag("Set coins of addresses that were spent from apart")),
      watch_only: Optional(flag("Never have private keys")),
    }),
    bodyBytesMax: PASSPHRASE_BYTES_MAX,
    secretFields: ["passphrase"],
    data: NewWallet,
    failures: [400, 409, 503],
    example: { body: { name: "shop" } },
  },
  loadWallet: {
    ...bodyRow,
    path: "/api/wallet/wallets/load",
    summary: "Loads a wallet, also at the node's next start",
    body: object({
      name: WalletName,
      passphrase: Optional(Passphrase("Of a wallet whose whole file it protects")),
    }),
    bodyBytesMax: PASSPHRASE_BYTES_MAX,
    secretFields: ["passphrase"],
    data: NewWallet,
    failures,
    example: { body: { name: "shop" } },
  },
  unloadWallet: {
    ...bodyRow,
    path: "/api/wallet/wallets/unload",
    summary: "Closes a wallet, which then is not loaded at the node's next start",
    body: WalletNameBody,
    data: object({ name: text("Its name"), warnings: Warnings }),
    failures: [400, 404, 503],
    example: { body: { name: "shop" } },
  },
  walletInfo: {
    ...walletRow,
    path: "/api/wallet/info",
    summary: "What a wallet is and how it stands",
    data: WalletInfo,
    failures: [400, 404, 503],
    example: { query: { wallet: "shop" } },
  },
  newWalletAddress: {
    ...bodyRow,
    path: "/api/wallet/wallet",
    summary: "Gives out a new address of a wallet",
    body: object({
      ...walletField,
      label: Optional(Label),
      name: Optional(StringType({ maxLength: LABEL_LENGTH_MAX, description: "The same as `label`" })),
      address_type: Optional(AddressKind),
    }),
    data: NewWalletAddress,
    failures,
    example: { body: { label: "order 17" } },
  },
  walletAddresses: {
    ...walletRow,
    path: "/api/wallet/wallet/addresses",
    summary: "The addresses that a wallet has given out, the newest first",
    query: object({ ...walletField, ...PageQuery.properties }),
    data: pageOf(WalletAddressLine),
    failures: [400, 404, 503],
    example: { query: { limit: 20 } },
  },
  walletAddress: {
    ...walletRow,
    path: "/api/wallet/wallet/{address}",
    summary: "What a wallet knows of an address, its own or another's",
    params: WalletAddressParams,
    data: WalletAddress,
    failures: [400, 404, 503],
    example: { params: { address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080" } },
  },
  labelWalletAddress: {
    ...walletRow,
    method: "PUT",
    path: "/api/wallet/wallet/{address}",
    summary: "Says what an address is for",
    params: WalletAddressParams,
    query: NoFields,
    body: object({ ...walletField, label: Label }),
    isRepeatable: true,
    data: WalletAddress,
    failures: [400, 404, 503],
    example: {
      params: { address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080" },
      body: { label: "rent" },
    },
  },
  walletAddressBalance: {
    ...walletRow,
    path: "/api/wallet/wallet/{address}/balance",
    summary: "What an address of a wallet has; 404 where the wallet does not have the address",
    params: WalletAddressParams,
    data: WalletAddressBalance,
    failures: [400, 404, 503],
    example: { params: { address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080" } },
  },
  encryptWallet: {
    ...bodyRow,
    path: "/api/wallet/encrypt",
    summary: "Protects a wallet's private keys with a passphrase, for the first time",
    description: "The wallet gets new keys for new addresses and is locked. Back it up again: older backups lack them.",
    body: object({ ...walletField, passphrase: Passphrase("What it takes to spend from now on") }),
    bodyBytesMax: PASSPHRASE_BYTES_MAX,
    secretFields: ["passphrase"],
    data: WalletInfo,
    failures,
    example: { body: { passphrase: "correct horse battery staple" } },
  },
  changeWalletPassphrase: {
    ...bodyRow,
    path: "/api/wallet/passphrase",
    summary: "Changes the passphrase of a wallet",
    description: "422 where the old one is wrong.",
    body: object({
      ...walletField,
      old_passphrase: Passphrase("The one that it has"),
      new_passphrase: Passphrase("The one that it is to have"),
    }),
    bodyBytesMax: PASSPHRASE_BYTES_MAX,
    secretFields: ["old_passphrase", "new_passphrase"],
    data: WalletInfo,
    failures: [...failures, 422],
    example: { body: { old_passphrase: "correct horse", new_passphrase: "correct horse battery staple" } },
  },
  unlockWallet: {
    ...bodyRow,
    path: "/api/wallet/unlock",
    summary: "Has a wallet's private keys at hand for some time",
    description: "422 where the passphrase is wrong.",
    body: object({
      ...walletField,
      passphrase: Passphrase("That of the wallet"),
      seconds: Integer({ minimum: 1, maximum: UNLOCK_SECONDS_MAX, description: "For how long" }),
    }),
    bodyBytesMax: PASSPHRASE_BYTES_MAX,
    secretFields: ["passphrase"],
    isRepeatable: true,
    data: WalletInfo,
    failures: [...failures, 422],
    example: { body: { passphrase: "correct horse battery staple", seconds: 60 } },
  },
  lockWallet: {
    ...walletRow,
    method: "POST",
    path: "/api/wallet/lock",
    summary: "Takes a wallet's private keys out of memory, until it is unlocked again",
    isRepeatable: true,
    data: WalletInfo,
    failures,
  },
} as const satisfies Record<string, RestRoute>;
