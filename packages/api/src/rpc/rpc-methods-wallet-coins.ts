import {
  amount,
  arr,
  bool,
  hex,
  maybe,
  method,
  num,
  obj,
  optional,
  options,
  required,
  result,
  str,
  withDefault,
} from "./rpc-schema.ts";
import {
  EXAMPLE_ADDRESS,
  immatureCoinbase,
  lastProcessedBlock,
  minimumConfirmations,
  noLongerUsed,
} from "./rpc-wallet-fields.ts";

const CONFIRMATIONS_MAX = 9_999_999;
const unlimited = { defaultHint: "unlimited" };

const includeEmpty = (what: string) =>
  withDefault("include_empty", "bool", false, `Whether to list ${what} that were never paid.`);

const received = {
  amount: amount("What it got in BTC"),
  confirmations: num("Confirmations of the newest transaction"),
  label: str('The label; "" is the usual one'),
};

/** Methods about what a wallet has. */
export const walletCoinMethods = {
  getbalance: method({
    category: "wallet",
    description: "Returns what the wallet could spend now, as -spendzeroconfchange and the like have it.",
    params: [
      optional("dummy", "string", 'Nothing, or "*".'),
      minimumConfirmations(0),
      withDefault("include_watchonly", "bool", false, "No longer used"),
      withDefault(
        "avoid_reuse",
        "bool",
        true,
        "Leave out coins of addresses that were spent from before (only in wallets with the flag avoid_reuse).",
      ),
    ],
    results: result(amount("The balance in BTC")),
    examples: [[], ['"*"', "6"]],
  }),

  getbalances: method({
    category: "wallet",
    description: "Returns all balances of the wallet in BTC.",
    params: [],
    results: result(
      obj({
        mine: obj(
          {
            trusted: amount("What can be spent: confirmed, or made by the wallet itself"),
            untrusted_pending: amount("What others pay, in the mempool"),
            immature: amount("Coinbase outputs that are not mature"),
            nonmempool: amount("What is spent by transactions that are in neither block nor mempool"),
            used: maybe(
              amount("Coins of addresses that were spent from before (only in wallets with the flag avoid_reuse)"),
            ),
          },
          "Of outputs that the wallet can spend",
        ),
        lastprocessedblock: lastProcessedBlock,
      }),
    ),
    examples: [[]],
  }),

  getreceivedbyaddress: method({
    category: "wallet",
    description: "Returns what an address of the wallet got.",
    params: [required("address", "string", "The address."), minimumConfirmations(1), immatureCoinbase],
    results: result(amount("The amount in BTC")),
    examples: [[EXAMPLE_ADDRESS], [EXAMPLE_ADDRESS, "6", "true"]],
  }),

  getreceivedbylabel: method({
    category: "wallet",
    description: "Returns what addresses with a label got.",
    params: [required("label", "string", 'The label; "" is the usual one.'), minimumConfirmations(1), immatureCoinbase],
    results: result(amount("The amount in BTC")),
    examples: [['"tabby"'], ['"tabby"', "6", "true"]],
  }),

  listreceivedbyaddress: method({
    category: "wallet",
    description: "Lists what each address of the wallet got.",
    params: [
      minimumConfirmations(1),
      includeEmpty("addresses"),
      noLongerUsed("include_watchonly"),
      optional("address_filter", "string", 'List this address alone; "" is as none.'),
      immatureCoinbase,
    ],
    results: result(
      arr(obj({ address: str("The address"), ...received, txids: arr(hex("The id of a transaction that paid it")) })),
    ),
    examples: [[], ["6", "true", "true", EXAMPLE_ADDRESS, "true"]],
  }),

  listreceivedbylabel: method({
    category: "wallet",
    description: "Lists what the addresses with each label got.",
    params: [minimumConfirmations(1), includeEmpty("labels"), noLongerUsed("include_watchonly"), immatureCoinbase],
    results: result(arr(obj(received))),
    examples: [[], ["6", "true"]],
  }),

  listunspent: method({
    category: "wallet",
    description: "Lists the wallet's unspent outputs, by confirmations and, where wanted, by address.",
    params: [
      withDefault("minconf", "int", 1, "Least confirmations"),
      withDefault("maxconf", "int", CONFIRMATIONS_MAX, "Most confirmations"),
      optional("addresses", "strings", "Addresses of the outputs", { itemName: "address", defaultHint: "[]" }),
      withDefault(
        "include_unsafe",
        "bool",
        true,
        'Whether to list outputs that are not safe to spend: see "safe" below.',
      ),
      options(
        "query_options",
        [
          optional("minimumAmount", "amount", "Least amount of each output in BTC", { defaultHint: '"0.00"' }),
          optional("maximumAmount", "amount", "Most amount of each output in BTC", unlimited),
          optional("maximumCount", "int64", "Most outputs", unlimited),
          optional("minimumSumAmount", "amount", "Amount of all together in BTC that is enough", unlimited),
          withDefault(
            "include_immature_coinbase",
            "bool",
            false,
            "Whether to list coinbase outputs that are not mature",
          ),
        ],
        { placeholder: "query_options" },
      ),
    ],
    results: result(
      arr(
        obj({
          txid: hex("The transaction id"),
          vout: num("Index of the output"),
          address: maybe(str("The address")),
          label: maybe(str('Label of the address; "" is the usual one')),
          scriptPubKey: str("The output script"),
          amount: amount("The amount in BTC"),
          confirmations: num("Confirmations"),
          ancestorcount: maybe(
            num("Transactions of the mempool that it comes from, with its own (only in the mempool)"),
          ),
          ancestorsize: maybe(num("Their virtual size")),
          ancestorfees: maybe(num("Their fees in satoshis, as prioritised")),
          redeemScript: maybe(hex("The redeem script of P2SH")),
          witnessScript: maybe(str("The witness script of P2WSH")),
          spendable: bool("(DEPRECATED) Always true"),
          solvable: bool("Whether it is known how to spend it, private keys aside"),
          reused: maybe(bool("Whether its address was spent from before (only in wallets with the flag avoid_reuse)")),
          desc: maybe(str("A descriptor that tells how to spend it (only where solvable)")),
          parent_descs: arr(str("A descriptor"), "The descriptors that the output comes from"),
          safe: bool(
            "Whether it is safe to spend: not of an unconfirmed transaction of others or of a replacement,\nwhich is not chosen by itself when coins are spent",
          ),
        }),
      ),
    ),
    examples: [
      [],
      ["6", "9999999", `[${EXAMPLE_ADDRESS}]`],
      ["6", "9999999", "[]", "true", '{"minimumAmount": 0.005}'],
    ],
  }),

  lockunspent: method({
    category: "wallet",
    description: `Locks outputs (unlock=false), so that none of them is chosen by itself when coins are spent, or unlocks them.
Without outputs, unlocking is of all. What is spent by name is unlocked. Locks end with the node, unless they are persistent.
listlockunspent lists them.`,
    params: [
      required("unlock", "bool", "Whether to unlock (true) or to lock (false)"),
      optional("transactions", "array", "The outputs.", {
        defaultHint: "[]",
        placeholder: '[{"txid":"hex","vout":n},...]',
        items: obj({ txid: hex("The transaction id"), vout: num("Index of the output") }),
      }),
      withDefault(
        "persistent",
        "bool",
        false,
        "Whether to keep the lock over a restart. Unlocking is always for good.",
      ),
    ],
    results: result(bool("Whether it was done")),
    examples: [
      ["false", '[{"txid":"a08e6907dbbd3d809776dbfc5d82e371b764ed838b5655e72f463568df1aadf0","vout":1}]', "true"],
    ],
  }),

  listlockunspent: method({
    category: "wallet",
    description: "Lists the outputs that lockunspent has locked.",
    params: [],
    results: result(arr(obj({ txid: hex("The transaction id"), vout: num("Index of the output") }))),
    examples: [[]],
  }),
} as const;
