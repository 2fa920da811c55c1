import { SourceProblem } from "./chain-source.ts";

/** Why nodes do not take a payment, for people: the words of Bitcoin Core's reasons that a payment of a wallet may meet, and what they come to. */
const REASONS: readonly (readonly [reason: RegExp, sentence: string])[] = [
  [/insufficient fee/i, "It does not pay enough to take the place of what waits there: choose a higher feerate."],
  [/missingorspent|missing-?inputs|inputs-spent/i, "A coin that it spends is spent already, or not known there."],
  [
    /too-long-mempool-chain|too-large-cluster/i,
    "Too many payments that wait hang together with it: a block has to come first.",
  ],
  [/mempool min fee not met|mempool full/i, "The mempool is full, and takes only what pays a higher feerate now."],
  [/min relay fee not met/i, "It pays less than is passed on: choose a higher feerate."],
  [/non-final|non-BIP68-final/i, "It may be in no block yet: the time that its maker has set is still to come."],
  [/premature-spend-of-coinbase/i, "It spends a mined coin that 100 blocks have to be upon first."],
  [/txn-mempool-conflict/i, "Another payment that spends its coins waits there, and may not be replaced."],
  [/too many potential replacements/i, "It would take the place of too many payments at once."],
  [/fee exceeds maximum|max-fee-exceeded/i, "Its feerate is so high that it is taken for a mistake."],
  [/\bdust\b/i, "One of its amounts is too small to be passed on."],
  [
    /tx-size|scriptpubkey|scriptsig-|bad-witness-nonstandard|bad-txns-nonstandard-inputs/i,
    "It is of a form that is not passed on.",
  ],
];

/** Whether a reason says that the transaction, or the same one with other signatures, is in the mempool or a block already. */
export function isThereAlready(reason: string): boolean {
  return /already (in|known)|txn-already|already-in|txn-same-nonwitness-data/i.test(reason);
}

/** A node does not take a payment. What it says stands behind the sentence, since who runs the node can look for that. */
export function networkRefusal(reason: string, options?: ErrorOptions): SourceProblem {
  const told = reason.trim().replace(/\.$/, "");
  const sentence = REASONS.find(([pattern]) => pattern.test(told))?.[1];
  const message =
    sentence === undefined
      ? `The network does not take the payment: ${told}.`
      : `The network does not take the payment. ${sentence} (${told})`;
  return new SourceProblem("refused", message, options);
}
