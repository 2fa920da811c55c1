import {
  bool,
  hex,
  maybe,
  method,
  obj,
  optional,
  options,
  required,
  result,
  str,
  when,
  withDefault,
} from "./rpc-schema.ts";
import { EXAMPLE_ADDRESS, NEEDS_PASSPHRASE } from "./rpc-wallet-fields.ts";
import {
  confirmationTarget,
  estimateMode,
  feerate,
  outputs,
  replaceable,
  sendAllMembers,
  sendMembers,
  versionOption,
} from "./rpc-wallet-options.ts";

const verbose = withDefault("verbose", "bool", false, "Whether to tell also where the fee comes from.");
const sent = [
  when("if verbose is not set or set to false", hex("The transaction id")),
  when(
    "if verbose is set to true",
    obj({ txid: hex("The transaction id"), fee_reason: str("Where the fee comes from") }),
  ),
] as const;
const signedOrNot = result(
  obj({
    complete: bool("Whether every input is signed"),
    txid: maybe(hex("The transaction id (only where complete)")),
    hex: maybe(hex("The transaction's bytes (only with add_to_wallet=false)")),
    psbt: maybe(str("The transaction as PSBT in base 64 (only where not complete, or with add_to_wallet=false)")),
  }),
);

/** Methods that pay. */
export const walletSpendMethods = {
  sendtoaddress: method({
    category: "wallet",
    description: `Pays an address.${NEEDS_PASSPHRASE}`,
    params: [
      required("address", "string", "The address."),
      required("amount", "amount", "The amount in BTC"),
      optional("comment", "string", "What it is for. The wallet alone keeps it."),
      optional("comment_to", "string", "Whom it is for. The wallet alone keeps it."),
      withDefault(
        "subtractfeefromamount",
        "bool",
        false,
        "Whether the fee is taken off the amount: who is paid gets less.",
      ),
      replaceable,
      confirmationTarget,
      estimateMode,
      withDefault(
        "avoid_reuse",
        "bool",
        true,
        "Spend no coins of addresses that were spent from before, and those of an address together (only in wallets with the flag avoid_reuse).",
      ),
      feerate,
      verbose,
    ],
    results: sent,
    examples: [
      [EXAMPLE_ADDRESS, "0.1"],
      [EXAMPLE_ADDRESS, "0.1", '"donation"', '"sean\'s outpost"', "false", "true", "6", '"economical"'],
    ],
  }),

  sendmany: method({
    category: "wallet",
    description: `Pays several addresses with one transaction.${NEEDS_PASSPHRASE}`,
    params: [
      optional("dummy", "string", 'Nothing, or "".', { defaultHint: '"\\"\\""', placeholder: '""' }),
      required("amounts", "object", "An amount in BTC by each address", { placeholder: '{"address":amount,...}' }),
      optional("minconf", "int", "Not used any more"),
      optional("comment", "string", "A comment. The wallet alone keeps it."),
      optional(
        "subtractfeefrom",
        "array",
        "Addresses that pay the fee in equal parts: they get less. Without any, the sender pays.",
        { placeholder: '["address",...]', items: str("An address") },
      ),
      replaceable,
      confirmationTarget,
      estimateMode,
      feerate,
      verbose,
    ],
    results: sent,
    examples: [['""', `{${EXAMPLE_ADDRESS}:0.01}`]],
  }),

  send: method({
    category: "wallet",
    description: "Makes a transaction, signs it where the wallet can, and sends it.",
    params: [outputs, confirmationTarget, estimateMode, feerate, options("options", sendMembers), versionOption],
    results: signedOrNot,
    examples: [
      [`{${EXAMPLE_ADDRESS}: 0.1}`, "6", '"economical"'],
      [`{${EXAMPLE_ADDRESS}: 0.2}`, "null", '"unset"', "null", '{"fee_rate": 1}'],
    ],
  }),

  sendall: method({
    category: "wallet",
    description: `Spends all that the wallet has, confirmed or its own change, or given coins, and makes no change. Others' unconfirmed coins and
locked ones stay. send_max leaves out coins that cost more than they are worth.`,
    params: [
      required(
        "recipients",
        "array",
        'Addresses, each once, that share what is left in equal parts; {"address": amount} for one that gets so much. One without amount at least.',
        { placeholder: '["address",{"address":amount,...},...]' },
      ),
      confirmationTarget,
      estimateMode,
      feerate,
      options("options", sendAllMembers),
    ],
    results: signedOrNot,
    examples: [[`[${EXAMPLE_ADDRESS}]`, "6", '"economical"']],
  }),
} as const;
