import { amount, arr, maybe, method, num, obj, optional, required, result, str, withDefault } from "./rpc-schema.ts";

const target = required("conf_target", "int", "Blocks within which to be confirmed (1 - 1008)");

const RANGE = {
  startrange: num("Where the range of fee rates begins, in satoshis a kvB"),
  endrange: num("Where it ends"),
  withintarget: num("Transactions in it that were confirmed within the target"),
  totalconfirmed: num("Transactions in it that were confirmed at all"),
  inmempool: num("Transactions in it that have waited for the target or longer"),
  leftmempool: num("Transactions in it that left the mempool unconfirmed after the target"),
};

const HORIZON = {
  feerate: maybe(amount("The fee rate, in BTC/kvB")),
  decay: num("What a block leaves of the counts before it"),
  scale: num("Blocks that are counted as one"),
  pass: maybe(obj(RANGE, "The lowest range that meets the threshold")),
  fail: maybe(obj(RANGE, "The highest range that does not")),
  errors: maybe(arr(str("An error"), "What went wrong, if anything did")),
};

/** Methods that tell what to pay. */
export const feeMethods = {
  estimatesmartfee: method({
    category: "util",
    description:
      "Estimates the fee rate with which a transaction begins to be confirmed within a number of blocks, and says for how\n" +
      "many blocks the estimate is. Sizes are virtual sizes (BIP 141).",
    params: [
      target,
      withDefault(
        "estimate_mode",
        "string",
        "economical",
        "unset, economical or conservative, in any case. economical follows the last hours and drops sooner;\n" +
          "conservative also looks at days and weeks, and may ask for more.",
      ),
    ],
    results: result(
      obj({
        feerate: maybe(amount("The fee rate, in BTC/kvB (only where there is one)")),
        errors: maybe(arr(str("An error"), "What went wrong, if anything did")),
        blocks: num("Blocks that the estimate is for: at least 2, at most what can be told after so many blocks"),
      }),
    ),
    examples: [["6"]],
  }),

  estimaterawfee: method({
    category: "hidden",
    description:
      "Returns the numbers behind estimates, by horizon: short, medium and long, those of them that reach the target.\n" +
      "They change where the way of estimating does.",
    params: [
      target,
      optional("threshold", "real", "Share of transactions that must have been confirmed within the target, 0 to 1.", {
        defaultHint: "0.95",
      }),
    ],
    results: result(
      obj({
        short: maybe(obj(HORIZON, "The last hours")),
        medium: maybe(obj(HORIZON, "The last days")),
        long: maybe(obj(HORIZON, "The last weeks")),
      }),
    ),
    examples: [["6", "0.9"]],
  }),
} as const;
