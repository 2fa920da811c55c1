import { Integer, Optional, String as StringType } from "typebox";
import { cursorPageOf, flag, hashText, integer, list, nullable, object, type Static, sats, text } from "../schema.ts";
import {
  DESCRIPTOR_INDEX_MAX,
  DESCRIPTOR_LENGTH_MAX,
  GAP_DEFAULT,
  GAP_MAX,
  WATCH_ADDRESSES_MAX,
  WATCH_DESCRIPTORS_MAX,
  WATCH_SCRIPTS_MAX,
} from "../watch-limits.ts";
import { AddressHistoryItem, AddressName, AddressUtxo, UTXO_LIMIT_DEFAULT, UTXO_LIMIT_MAX } from "./addresses.ts";
import { CursorQuery, NoFields, type RestRoute } from "./route.ts";

/**
 * What a wallet asks that keeps its keys to itself: whatever its descriptors and addresses have, in one answer. Nothing is registered:
 * each request names all that it is about.
 */

const WATCH_BYTES_MAX = WATCH_DESCRIPTORS_MAX * (DESCRIPTOR_LENGTH_MAX + 100) + WATCH_ADDRESSES_MAX * 110 + 1024;

const DescriptorIndex = (description: string) => Integer({ minimum: 0, maximum: DESCRIPTOR_INDEX_MAX, description });

export const WatchedRange = object({
  descriptor: StringType({
    minLength: 4,
    maxLength: DESCRIPTOR_LENGTH_MAX,
    description:
      "An output descriptor without private keys, with or without its checksum; with multipath steps it is several",
  }),
  from: Optional(DescriptorIndex("First index of a ranged descriptor; 0 where absent")),
  to: Optional(DescriptorIndex("Last index that counts; where it is absent, `gap` says where the search ends")),
  gap: Optional(
    Integer({
      minimum: 1,
      maximum: GAP_MAX,
      default: GAP_DEFAULT,
      description: "Unused indexes in a row behind which the search ends",
    }),
  ),
});
export type WatchedRange = Static<typeof WatchedRange>;

/** The fields of every request that say what it is about. */
export const watchFields = {
  descriptors: Optional(list(WatchedRange, "Descriptors, and how far to look", 0, WATCH_DESCRIPTORS_MAX)),
  addresses: Optional(list(AddressName, "Addresses, or script hashes", 0, WATCH_ADDRESSES_MAX)),
};
export const WatchBody = object(watchFields);
export type WatchBody = Static<typeof WatchBody>;

/** Where a script comes from. All but the address are null for one that was named by address or script hash. */
const originFields = {
  address: nullable(text("Its address, or the script hash by which it was named; null where it has no address")),
  descriptor: nullable(integer("Which descriptor of the request, the first being 0")),
  variant: nullable(integer("Which of the values of its multipath step; 0 where it has none")),
  index: nullable(integer("Index in a ranged descriptor; 0 in others")),
};

/** How far a descriptor was looked at, and what was found. */
export const DescriptorUse = object({
  descriptor: text("In its usual form, with checksum; of one with a multipath step, one of its values"),
  position: integer("Which descriptor of the request, the first being 0"),
  variant: integer("Which of the values of its multipath step; 0 where it has none"),
  is_ranged: flag("Whether it stands for a script at each index"),
  from: integer("First index that was looked at"),
  to: integer("Last index that was looked at"),
  used_count: integer("Indexes whose scripts were ever used, the mempool included"),
  next_index: nullable(
    integer("Index behind the last used one, whose address is the next to give away; null where it is not ranged"),
  ),
});
export type DescriptorUse = Static<typeof DescriptorUse>;

const momentFields = {
  block_height: integer("Height of the block up to which this holds"),
  block_hash: hashText("That block"),
};

export const WatchBalance = object({
  confirmed: sats("Worth of unspent outputs in the chain that may be spent"),
  immature: sats("Worth of unspent outputs of coinbases that are not 100 blocks old"),
  unconfirmed: sats("By how much it all changes when what waits in the mempool is confirmed; may be negative"),
  total: sats("The sum of these"),
  utxo_count: integer("Unspent outputs in the chain"),
  script_count: integer("Scripts that were looked at"),
  used_script_count: integer("Those that were ever used, the mempool included"),
  descriptors: list(DescriptorUse, "In the order given, those of a multipath step one after the other"),
  ...momentFields,
});
export type WatchBalance = Static<typeof WatchBalance>;

export const WatchUtxo = object({
  ...AddressUtxo.properties,
  ...originFields,
  script: nullable(text("Output script, in hex; null where it was named by its hash")),
});
export type WatchUtxo = Static<typeof WatchUtxo>;

/** A derived script and what it was used for. */
export const WatchAddress = object({
  ...originFields,
  script: nullable(text("Output script, in hex; null where it was named by its hash")),
  transaction_count: integer("Transactions of the chain that pay to it or spend from it"),
  unconfirmed_transaction_count: integer("Transactions of the mempool that do"),
  balance: sats("Worth of its unspent outputs in the chain"),
  unconfirmed: sats("By how much that changes when what waits in the mempool is confirmed; may be negative"),
});
export type WatchAddress = Static<typeof WatchAddress>;

export const WatchAddresses = object({
  descriptors: list(DescriptorUse, "In the order given, those of a multipath step one after the other"),
  addresses: list(
    WatchAddress,
    "Every script that was looked at, in the order of descriptors and indexes, then those named by address",
  ),
  ...momentFields,
});
export type WatchAddresses = Static<typeof WatchAddresses>;

const cursorFields = {
  cursor: Optional(CursorQuery.properties.cursor),
  limit: Optional(CursorQuery.properties.limit),
};

const failures = [400, 501, 503] as const;
const manners =
  "Private keys are refused, and nothing of the request is kept or logged. Ranged descriptors are searched until a run of unused " +
  `addresses (\`gap\`), or from \`from\` to \`to\`; a request stands for ${WATCH_SCRIPTS_MAX} scripts at most. ` +
  "Without `-addressindex` the answer is 501; while the index is being made it is 503, as it is where too many such searches are asked for at once.";

/** The account of BIP84's vectors, on a test network. */
export const WATCH_EXAMPLE_DESCRIPTOR =
  "wpkh([73c5da0a/84h/1h/0h]tpubDC8msFGeGuwnKG9Upg7DM2b4DaRqg3CUZa5g8v2SRQ6K4NSkxUgd7HsL2XVWbVm39yBA4LAxysQAm397zwQSQoQgewGiYZqrA9DsP4zbQ1M/<0;1>/*)";
const EXAMPLE = { descriptors: [{ descriptor: WATCH_EXAMPLE_DESCRIPTOR }] };

const common = {
  method: "POST",
  tag: "self-custody",
  params: NoFields,
  query: NoFields,
  bodyBytesMax: WATCH_BYTES_MAX,
  secretFields: ["descriptors", "addresses"],
  failures,
  isRepeatable: true,
} as const;

export const watchRoutes = {
  watchBalance: {
    ...common,
    path: "/api/v1/watch/balance",
    summary: "What all scripts of descriptors and addresses have together",
    description: manners,
    body: WatchBody,
    data: WatchBalance,
    example: { body: EXAMPLE },
  },
  watchUtxos: {
    ...common,
    path: "/api/v1/watch/utxos",
    summary: "Their unspent outputs: first those of the mempool, then those of the chain, the newest first",
    description: `Each tells which descriptor and index it is of. ${manners}`,
    body: object({
      ...watchFields,
      ...cursorFields,
      limit: Optional(
        Integer({
          minimum: 1,
          maximum: UTXO_LIMIT_MAX,
          default: UTXO_LIMIT_DEFAULT,
          description: "Most items of this part",
        }),
      ),
    }),
    data: cursorPageOf(WatchUtxo),
    example: { body: { ...EXAMPLE, limit: 100 } },
  },
  watchHistory: {
    ...common,
    path: "/api/v1/watch/history",
    summary: "Their transactions, each once: first those of the mempool, then those of the chain, the newest first",
    description:
      "What a transaction gives and takes is summed over all of the scripts, so that what goes from one of them to another counts for nothing. " +
      `Send the same descriptors with the cursor. ${manners}`,
    body: object({ ...watchFields, ...cursorFields }),
    data: cursorPageOf(AddressHistoryItem),
    example: { body: { ...EXAMPLE, limit: 10 } },
  },
  watchAddresses: {
    ...common,
    path: "/api/v1/watch/addresses",
    summary: "The addresses of descriptors, how often each was used, and the next that was not",
    description: manners,
    body: WatchBody,
    data: WatchAddresses,
    example: { body: EXAMPLE },
  },
} as const satisfies Record<string, RestRoute>;
