import { Boolean as BooleanType, Integer, Literal, Optional, String as StringType, Union } from "typebox";
import { flag, hashText, integer, list, nullable, object, type Static, sats, text } from "../schema.ts";
import { WATCH_DESCRIPTORS_MAX } from "../watch-limits.ts";
import { ADDRESS_NAME_LENGTH_MAX } from "./addresses.ts";
import { NoFields, type RestRoute } from "./route.ts";
import { AcceptanceResult, DecodedTransaction, FEERATE_MAX_DEFAULT } from "./transactions.ts";
import { WATCH_EXAMPLE_DESCRIPTOR, WatchedRange } from "./watch.ts";

/** Transactions of wallets that keep their keys: built here, signed there (PSBT, BIP174). */

export const PSBT_OUTPUTS_MAX = 100;
export const PSBT_INPUTS_MAX = 200;
export const PSBTS_MAX = 16;
/** Characters of a PSBT in base 64: two hundred inputs with the transactions that they spend. */
export const PSBT_LENGTH_MAX = 1_500_000;
const SATS_MAX = 2_100_000_000_000_000;

const Payment = object({
  address: StringType({ minLength: 1, maxLength: ADDRESS_NAME_LENGTH_MAX, description: "Who gets it" }),
  sats: Integer({ minimum: 0, maximum: SATS_MAX, description: "How much, in satoshis" }),
  subtract_fee: Optional(BooleanType({ description: "Whether the fee is taken from it; default false" })),
});
const OutPointBody = object({
  txid: hashText("Transaction that made the output"),
  vout: integer("Position among that transaction's outputs", 0, 0xffffffff),
});

export const PsbtRequest = object({
  descriptors: list(
    WatchedRange,
    "What is spent from, as in the other requests of this kind",
    1,
    WATCH_DESCRIPTORS_MAX,
  ),
  outputs: list(Payment, "Payments", 1, PSBT_OUTPUTS_MAX),
  inputs: Optional(list(OutPointBody, "Outputs of the descriptors that are spent in any case", 0, PSBT_INPUTS_MAX)),
  add_inputs: Optional(
    BooleanType({ description: "Whether others may be spent too; default: where `inputs` is absent or empty" }),
  ),
  include_unsafe: Optional(
    BooleanType({ description: "Whether unconfirmed outputs may be spent that others made; default false" }),
  ),
  feerate_sat_per_kvb: Optional(
    integer("Fee for 1000 vbytes, in satoshis; where absent it is estimated for `target_blocks`", 1, 100_000_000),
  ),
  target_blocks: Optional(integer("Blocks within which it shall be confirmed; 6 where absent", 1, 1008)),
  change_address: Optional(
    StringType({ minLength: 1, maxLength: ADDRESS_NAME_LENGTH_MAX, description: "Where change goes" }),
  ),
  change_descriptor: Optional(
    integer(
      "Which of the descriptors gives the change address, its next unused one, of the last value of its multipath step; the first that has such a step where absent, else the first",
      0,
      WATCH_DESCRIPTORS_MAX - 1,
    ),
  ),
  change_position: Optional(integer("Place of change among the outputs; any where absent", 0, PSBT_OUTPUTS_MAX)),
  replaceable: Optional(
    BooleanType({ description: "Whether it signals that it may be replaced (BIP125); default true" }),
  ),
  lock_time: Optional(
    integer(
      "Lock time; where absent, the height of the tip or a little less, as Core's wallets have it",
      0,
      0xffffffff,
    ),
  ),
  psbt_version: Optional(
    Union([Literal(0), Literal(2)], { description: "0 (BIP174), which every signer reads, or 2 (BIP370); default 0" }),
  ),
});
export type PsbtRequest = Static<typeof PsbtRequest>;

export const BuiltPsbt = object({
  psbt: text(
    "The transaction without signatures, in base 64: with what its inputs spend, scripts, and where keys come from",
  ),
  fee: sats("Inputs less outputs"),
  feerate_sat_per_kvb: sats("Fee for 1000 vbytes that was aimed at"),
  fee_reason: text("Where the feerate comes from, in the words of Bitcoin Core; None for one that was asked for"),
  virtual_size: integer("Size when it is signed, at most, in vbytes"),
  change_index: nullable(integer("Which output is change; null where there is none")),
  change_address: nullable(text("Who gets it")),
  inputs: list(
    object({
      txid: hashText("Transaction that made the output"),
      vout: integer("Position among that transaction's outputs"),
      value: sats("Amount"),
      address: nullable(text("Its address")),
    }),
    "What it spends, in its order",
  ),
});
export type BuiltPsbt = Static<typeof BuiltPsbt>;

const PsbtRole = Union(
  [Literal("creator"), Literal("updater"), Literal("signer"), Literal("finalizer"), Literal("extractor")],
  {
    description:
      "Who is to have it next (BIP174): an updater adds what is known of its inputs, a signer signs, a finalizer puts signatures together, an extractor makes the transaction",
  },
);

/** How far an input of a PSBT has come. */
export const PsbtInputState = object({
  is_final: flag("Whether it is signed and needs nothing more"),
  next: nullable(PsbtRole),
  signature_count: integer("Signatures that it has so far; 0 where it is final"),
  missing_signatures: list(text("HASH160 of a public key, in hex"), "Keys whose signature is wanting, as far as known"),
  missing_public_keys: list(text("HASH160 of a public key, in hex"), "Keys of which only the hash is known"),
  is_script_missing: flag("Whether a redeem script or witness script is wanting"),
});
export type PsbtInputState = Static<typeof PsbtInputState>;

export const FinalizedPsbt = object({
  psbt: text("All that was given, brought together, with final scripts where signatures suffice; in base 64"),
  is_complete: flag("Whether every input is final and valid"),
  unsigned_inputs: list(integer("Index of an input"), "Those that are not final"),
  hex: nullable(text("The signed transaction, to be broadcast; null where it is not complete")),
  acceptance: nullable(AcceptanceResult),
  decoded: nullable(DecodedTransaction),
  next: nullable(PsbtRole),
  problem: nullable(text("What is wrong with it, in the words of Bitcoin Core; null where nothing is")),
  estimated_virtual_size: nullable(integer("Size when it is signed, in vbytes; null where that cannot be told")),
  inputs: list(PsbtInputState, "How far each input has come"),
});
export type FinalizedPsbt = Static<typeof FinalizedPsbt>;

/** Of one payment, with nothing said of what it spends. */
const EXAMPLE_PSBT =
  "cHNidP8BAFICAAAAARERERERERERERERERERERERERERERERERERERERERERAAAAAAD9////AaCGAQAAAAAAFgAUdR526BmRltRUlBxF0bOjI/FDO9YAAAAAAAAA";

const common = { method: "POST", tag: "self-custody", params: NoFields, query: NoFields } as const;

export const watchPsbtRoutes = {
  buildPsbt: {
    ...common,
    path: "/api/v1/watch/psbt",
    summary: "Builds a transaction that pays from descriptors, to be signed elsewhere",
    description:
      "Coins are chosen as Bitcoin Core's wallets choose them. Nothing is reserved or kept: who asks twice may be given the same coins. 422: there is too little, or the wish makes no transaction; the error says why. Private keys are refused. Needs `-addressindex` (501 without it).",
    body: PsbtRequest,
    bodyBytesMax: 96 * 1024,
    secretFields: ["descriptors", "inputs", "outputs"],
    data: BuiltPsbt,
    failures: [400, 422, 501, 503],
    isRepeatable: true,
    example: {
      body: {
        descriptors: [{ descriptor: WATCH_EXAMPLE_DESCRIPTOR }],
        outputs: [{ address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", sats: 100_000 }],
        feerate_sat_per_kvb: 2000,
      },
    },
  },
  finalizePsbt: {
    ...common,
    path: "/api/v1/watch/psbt/finalize",
    summary: "Brings signed PSBTs of one transaction together, and says whether the mempool would take it",
    description:
      "Where signatures suffice the transaction is in `hex`, and `POST /api/v1/transactions/broadcast` sends it. Where they do not, `decoded` is the transaction as far as it is, and `inputs` tells what each input wants. Nothing is sent here.",
    body: object({
      psbts: list(
        StringType({ minLength: 8, maxLength: PSBT_LENGTH_MAX, description: "In base 64" }),
        "PSBTs of one transaction",
        1,
        PSBTS_MAX,
      ),
      max_feerate_sat_per_kvb: Optional(
        integer(
          `Highest fee for 1000 vbytes that is meant, in satoshis. 0 for no limit; ${FEERATE_MAX_DEFAULT} where absent`,
          0,
          99_999_999,
        ),
      ),
    }),
    bodyBytesMax: 2 * PSBT_LENGTH_MAX,
    secretFields: ["psbts"],
    data: FinalizedPsbt,
    failures: [400, 503],
    isRepeatable: true,
    example: { body: { psbts: [EXAMPLE_PSBT] } },
  },
} as const satisfies Record<string, RestRoute>;
