import { arr, hex, num, obj, optional, required, str, withDefault } from "./rpc-schema.ts";
import { ADDRESS_TYPES } from "./rpc-wallet-fields.ts";

/** What wallet methods that make transactions take, also as members of their options. */

const MAX_WEIGHT_DEFAULT = 400_000;
export const VERSION_DEFAULT = 2;
export const PSBT_VERSION_DEFAULT = 2;

export const outputs = required(
  "outputs",
  "structure",
  'Outputs to make: {"address": amount} or {"data": "hex"}, each once, in an array; or all in one object.',
  { placeholder: '[{"address":amount,...},{"data":"hex"},...]' },
);

export const confirmationTarget = optional("conf_target", "number", "Blocks within which to be confirmed", {
  defaultHint: "wallet -txconfirmtarget",
});

export const estimateMode = withDefault(
  "estimate_mode",
  "string",
  "unset",
  `How to estimate the fee rate: unset, economical or conservative, in any case.
economical follows the last hours and drops sooner; conservative also looks at days and weeks, and may ask for more.
unset is economical where the transaction may be replaced, and conservative otherwise.`,
);

export const feerate = optional("fee_rate", "feerate", "Fee rate in sat/vB.", {
  defaultHint: "not set, fall back to wallet fee estimation",
});

export const replaceable = optional("replaceable", "bool", "Whether it signals that it may be replaced (BIP 125)", {
  defaultHint: "wallet default",
});

export const versionOption = withDefault("version", "uint32", VERSION_DEFAULT, "The transaction's version");

export const addToWallet = withDefault(
  "add_to_wallet",
  "bool",
  true,
  "False returns the transaction's bytes, and neither sends nor keeps it",
);

export const locktimeOption = optional("locktime", "int64", "The lock time; other than 0, inputs heed it", {
  defaultHint: "near the height of the chain, against fee sniping",
});

export const psbtOption = optional("psbt", "bool", "Always answer a PSBT, as with add_to_wallet=false.", {
  defaultHint: "automatic",
});

const lockDescription = "Whether to lock what it spends, so that nothing else spends it";
export const lockUnspents = withDefault("lock_unspents", "bool", false, lockDescription);

const WEIGHT =
  "Most weight of the input, with outpoint and sequence number; a signature counts with 73 bytes where ECDSA";

const outPoint = { txid: hex("The transaction id"), vout: num("Index of the output") };
const withSequence = { ...outPoint, sequence: { ...num("The sequence number"), optional: true } };

/** Items of what is to be spent. */
export const inputItems = obj(withSequence);
export const weighedInputItems = obj({ ...withSequence, weight: { ...num(WEIGHT), optional: true } });

const solvingData = optional(
  "solving_data",
  "object",
  'What tells how outside coins are spent, to know the fee: {"pubkeys": ["hex"], "scripts": ["hex"], "descriptors": ["str"]}.',
);

/** Members of every options object of what makes a transaction. */
export const feeMembers = [confirmationTarget, estimateMode, replaceable, solvingData] as const;

/** Which coins may be added. `byDefault` tells, or says in words, whether any are. */
export function coinMembers(byDefault: true | "unless inputs") {
  const name = "add_inputs";
  const description = "Whether to add the wallet's coins where the inputs are not enough.";
  return [
    byDefault === true
      ? withDefault(name, "bool", true, description)
      : optional(name, "bool", description, { defaultHint: 'false when "inputs" are specified, true otherwise' }),
    withDefault(
      "include_unsafe",
      "bool",
      false,
      "Whether to spend unconfirmed coins of others, and of replacements.\nWarning: where one of them goes away, the transaction is not valid any more and must be funded again.",
    ),
    withDefault("minconf", "int", 0, "Least confirmations of coins that are added."),
    optional("maxconf", "int", "Most confirmations of coins that are added."),
  ] as const;
}

const changeType = optional(
  "change_type",
  "string",
  `Type of the change, where no address is given: ${ADDRESS_TYPES}.`,
  {
    defaultHint: "set by -changetype",
  },
);
const changeAddress = (name: string) => optional(name, "string", "Address of the change", { defaultHint: "automatic" });
const changePosition = (name: string) => optional(name, "int", "Index of the change", { defaultHint: "random" });
const unused = (name: string) => withDefault(name, "bool", false, "(DEPRECATED) No longer used");

const subtractFee = (name: string) =>
  optional(
    name,
    "array",
    "Indexes of outputs, before change, that pay the fee in equal parts: who is paid by them gets less. Without any, the sender pays.",
    { defaultHint: "[]", items: num("Index of an output") },
  );

const maxWeight = withDefault(
  "max_tx_weight",
  "int",
  MAX_WEIGHT_DEFAULT,
  "Most weight of the transaction; an error where it cannot be kept to.",
);

const inputWeights = optional("input_weights", "array", "Weights of inputs that are not the wallet's", {
  items: obj({ ...outPoint, weight: num(WEIGHT) }),
});

const feeRateInCoins = optional("feeRate", "amount", "Fee rate in BTC/kvB.", {
  defaultHint: "not set, fall back to wallet fee estimation",
});

/** Members of the options of `fundrawtransaction` (with weights) and `walletcreatefundedpsbt`, in their older spelling. */
export function fundMembers(byDefault: true | "unless inputs") {
  return [
    ...coinMembers(byDefault),
    changeAddress("changeAddress"),
    changePosition("changePosition"),
    changeType,
    unused("includeWatching"),
    withDefault("lockUnspents", "bool", false, lockDescription),
    feerate,
    feeRateInCoins,
    subtractFee("subtractFeeFromOutputs"),
    ...(byDefault === true ? [inputWeights] : []),
    maxWeight,
    ...feeMembers,
  ];
}

/** Members of the options of `send`. */
export const sendMembers = [
  ...coinMembers("unless inputs"),
  addToWallet,
  changeAddress("change_address"),
  changePosition("change_position"),
  changeType,
  feerate,
  unused("include_watching"),
  optional("inputs", "array", "What to spend, in the place of what the wallet would choose.", {
    defaultHint: "[]",
    items: weighedInputItems,
  }),
  locktimeOption,
  lockUnspents,
  psbtOption,
  subtractFee("subtract_fee_from_outputs"),
  maxWeight,
  ...feeMembers,
];

/** Members of the options of `sendall`. */
export const sendAllMembers = [
  addToWallet,
  feerate,
  unused("include_watching"),
  optional("inputs", "array", "What to spend, and nothing else. Not with send_max, minconf and maxconf.", {
    defaultHint: "[]",
    items: inputItems,
  }),
  locktimeOption,
  lockUnspents,
  psbtOption,
  withDefault("send_max", "bool", false, "Leave out coins that cost more than they are worth. Not with inputs."),
  withDefault("minconf", "int", 0, "Least confirmations of what is spent."),
  optional("maxconf", "int", "Most confirmations of what is spent."),
  versionOption,
  ...feeMembers,
];

/** Members of the options of `bumpfee`; `psbtbumpfee` has one more. */
export const bumpMembers = [
  confirmationTarget,
  optional("fee_rate", "feerate", "Fee rate in sat/vB, above that of the transaction by 0.100 sat/vB or more.", {
    defaultHint: "not set, fall back to wallet fee estimation",
  }),
  withDefault("replaceable", "bool", true, "Whether the new one signals that it may be replaced (BIP 125)."),
  estimateMode,
  optional("outputs", "structure", "Outputs in the place of those it has. Not with original_change_index.", {
    defaultHint: "[]",
  }),
  optional(
    "original_change_index",
    "uint32",
    "Index of the change, which then takes what is left, be it more or less than before. Not with outputs.",
    { defaultHint: "not set, detect change automatically" },
  ),
];

/** What `bumpfee` answers in the end. */
export const errorsOfBump = arr(str(""), "What went wrong, if anything did");
