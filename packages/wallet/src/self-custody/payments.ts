import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { formatMoney, totalValue } from "@bitfleet/protocol/consensus/amount.ts";
import { STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import type { OutPoint, Transaction, TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey, outPointKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { isError } from "../building/build-request.ts";
import { buildTransaction } from "../building/build-transaction.ts";
import { bumpFee } from "../building/bump-fee.ts";
import { buildCpfp } from "../building/cpfp.ts";
import { requiredFeerate, satPerVbText } from "../building/fee-policy.ts";
import { SEQUENCE_NOT_FINAL, SEQUENCE_REPLACEABLE } from "../building/fee-sniping.ts";
import { buildSendAll } from "../building/send-all.ts";
import { historyOf } from "../ledger/history.ts";
import type { LedgerStore } from "../ledger/ledger-store.ts";
import { holdsItsInputs, isPending, transactionOf } from "../ledger/wallet-transaction.ts";
import { fillingSteps, withPreviousTransactions } from "../psbt/fill.ts";
import { keychainMaterials } from "../psbt/keychain-materials.ts";
import { createPsbt, type Psbt } from "../psbt/psbt.ts";
import type { Coin } from "../selection/coin.ts";
import { signingSteps, type WithMaterial } from "../signing/signer.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { Steps } from "../steps.ts";
import type { CustodyAccount } from "./custody-account.ts";
import { CustodySpending, type SpendingFacts } from "./custody-spending.ts";

/** Payments of an account: built for its owner to look at, then signed. Errors are sentences for people. */

export interface Payee {
  readonly script: Uint8Array;
  /** As messages name it. */
  readonly address: string;
  /** "all": what is left of the coins, less the fee. */
  readonly amount: Sats | "all";
}

export interface PaymentOrder {
  readonly payees: readonly Payee[];
  readonly feerateSatPerKvb: Sats;
  /** These and no others; where absent, whichever suit. */
  readonly coins?: readonly OutPoint[] | undefined;
  readonly isReplaceable: boolean;
}

/** A payment that waits to be looked at and signed. */
export interface DraftPayment {
  readonly fields: TransactionFields;
  readonly coins: readonly Pick<Coin, "outPoint" | "output">[];
  readonly fee: Sats;
  /** Vbytes, at most, once it is signed. */
  readonly virtualSize: number;
  readonly replaces: Txid | undefined;
  /** It pays nobody of those whom the one that it replaces was to pay. */
  readonly takesBack?: boolean | undefined;
  /** The transaction that it is to pull into a block, which it is made for alone. */
  readonly pullsUp?: Txid | undefined;
  /** Where change goes, if to an address that was fresh. */
  readonly change?: Uint8Array | undefined;
}

type Outcome = DraftPayment | { readonly error: string };

/** Chooses coins and builds. Nothing is kept back. */
export function draftPayment(account: CustodyAccount, order: PaymentOrder, facts: SpendingFacts): Outcome {
  if (order.payees.length === 0) return { error: "Say whom to pay." };
  return spending(account, facts, (from) => {
    const chosen = chosenCoins(order.coins, from, account);
    if (chosen !== undefined && "error" in chosen) return chosen;
    return order.payees.some(({ amount }) => amount === "all")
      ? sweep(order, chosen, from)
      : payment(order, chosen, from);
  });
}

function payment(order: PaymentOrder, chosen: readonly OutPoint[] | undefined, from: CustodySpending): Outcome {
  const { feerateSatPerKvb, isReplaceable, payees } = order;
  const recipients = payees.map(({ script, amount }) => ({ scriptPubKey: script, amount: amount as Sats }));
  const preselected = chosen?.map((outPoint) => ({ outPoint }));
  const built = buildTransaction(
    {
      recipients,
      feerateSatPerKvb,
      replaceable: isReplaceable,
      ...(preselected && { preselected, allowsOtherInputs: false }),
    },
    from,
  );
  if (isError(built)) return { error: sentenceOf(built.error, order, from, chosen) };
  const { fields, coins, fee, size, changeIndex } = built;
  const to = changeIndex === undefined ? undefined : fields.outputs[changeIndex];
  const change = to && from.isChange(to) ? to.scriptPubKey : undefined;
  return { fields, coins, fee, virtualSize: size.virtualSize, replaces: undefined, change };
}

function sweep(order: PaymentOrder, chosen: readonly OutPoint[] | undefined, from: CustodySpending): Outcome {
  const { feerateSatPerKvb, isReplaceable, payees } = order;
  const sequence = isReplaceable ? SEQUENCE_REPLACEABLE : SEQUENCE_NOT_FINAL;
  const outputs = payees.map(({ script: scriptPubKey, address: name, amount }) =>
    amount === "all" ? { scriptPubKey, name } : { scriptPubKey, name, amount },
  );
  const inputs = chosen?.map((outPoint) => ({ outPoint, sequence }));
  const request = { outputs, feerateSatPerKvb, replaceable: isReplaceable, sendsMost: chosen === undefined };
  const built = buildSendAll({ ...request, ...(inputs && { inputs }) }, from);
  if (isError(built)) return { error: sentenceOf(built.error, order, from, chosen) };
  const { fields, coins, fee, size } = built;
  return { fields, coins, fee, virtualSize: size.virtualSize, replaces: undefined };
}

/** The same payment with a higher fee: it can only be confirmed in place of the old one. */
export function draftBump(account: CustodyAccount, txid: Txid, feerateSatPerKvb: Sats, facts: SpendingFacts): Outcome {
  return spending(account, facts, (from) => {
    const built = bumpFee({ txid, feerateSatPerKvb, replaceable: true, requiresOwnInputs: true }, from);
    if (isError(built)) return { error: bumpSentence(built.error, feerateSatPerKvb, from) };
    const { fields, coins, fee, size } = built;
    return { fields, coins, fee, virtualSize: size.virtualSize, replaces: txid };
  });
}

/** A payment to the account itself that takes the place of one that waits: all that it was to pay comes back, less the fee. */
export function draftTakeBack(
  account: CustodyAccount,
  txid: Txid,
  feerateSatPerKvb: Sats,
  facts: SpendingFacts,
): Outcome {
  return spending(account, facts, (from) => {
    const old = from.bumpable(txid)?.tx;
    const kept = old?.outputs.find((output) => from.isChange(output))?.scriptPubKey;
    const fresh = kept === undefined ? from.reserveChange(from.settings.addressType) : undefined;
    if (fresh !== undefined && isError(fresh)) return { error: fresh.error };
    const scriptPubKey = kept ?? fresh!.scriptPubKey;
    const value = totalValue(
      old?.inputs.flatMap(({ previousOutput }) => from.unspentOutput(previousOutput) ?? []) ?? [],
    );
    // What is no change of the account's would be paid as a payment is, with the fee on top.
    if (!from.isChange({ value, scriptPubKey }))
      return {
        error: "This account has no addresses for change: pay an address of your own with a higher fee instead.",
      };
    const outputs = [{ value, scriptPubKey }];
    const built = bumpFee({ txid, feerateSatPerKvb, replaceable: true, requiresOwnInputs: true, outputs }, from);
    if (isError(built)) return { error: bumpSentence(built.error, feerateSatPerKvb, from) };
    const { fields, coins, fee, size } = built;
    const change = fresh?.scriptPubKey;
    return { fields, coins, fee, virtualSize: size.virtualSize, replaces: txid, takesBack: true, change };
  });
}

/** A child that pulls a transaction which pays the account into a block. */
export function draftChild(
  account: CustodyAccount,
  parent: Txid,
  feerateSatPerKvb: Sats,
  facts: SpendingFacts,
): Outcome {
  return spending(account, facts, (from) => {
    const built = buildCpfp({ parent, feerateSatPerKvb }, from);
    if (isError(built)) return { error: sentenceOf(built.error, undefined, from, undefined) };
    const { fields, coins, fee, size } = built;
    return { fields, coins, fee, virtualSize: size.virtualSize, replaces: undefined, pullsUp: parent };
  });
}

function spending(account: CustodyAccount, facts: SpendingFacts, build: (from: CustodySpending) => Outcome): Outcome {
  const from = new CustodySpending(account, facts);
  try {
    return build(from);
  } finally {
    from.release();
  }
}

/** Coins that were chosen by hand must all be there to be spent. */
function chosenCoins(
  coins: readonly OutPoint[] | undefined,
  from: CustodySpending,
  account: CustodyAccount,
): readonly OutPoint[] | undefined | { readonly error: string } {
  if (coins === undefined) return undefined;
  if (coins.length === 0) return { error: "Choose at least one coin, or let the wallet choose." };
  if (new Set(coins.map(outPointKey)).size < coins.length) return { error: "One coin was chosen twice." };
  const spendable = new Set(from.spendableCoins().map(({ outPoint }) => outPointKey(outPoint)));
  for (const outPoint of coins) {
    if (spendable.has(outPointKey(outPoint))) continue;
    return {
      error: account.ledger.isLocked(outPoint)
        ? "One of the chosen coins is frozen: thaw it first."
        : "One of the chosen coins cannot be spent now: choose others.",
    };
  }
  return coins;
}

/** Why a draft cannot be made into a payment any more, in a sentence: what it builds on is another one meanwhile. */
export function draftObstacle(account: CustodyAccount, draft: DraftPayment): string | undefined {
  const { ledger } = account;
  const parent = draft.pullsUp && ledger.transaction(draft.pullsUp);
  if (parent !== undefined && parent.state.kind !== "in-mempool")
    return parent.state.kind === "confirmed"
      ? "The transaction is in a block by now: no child has to pay for it."
      : "The transaction waits in no mempool any more: a child can do nothing for it.";
  for (const { outPoint } of draft.coins) {
    const coin = ledger.coin(outPoint);
    const isGone = coin === undefined || coin.spentHeight !== undefined;
    if (isGone || isSpentByOther(account, outPoint, draft.replaces))
      return "A coin of this payment was spent meanwhile. Prepare it again.";
    const source = ledger.transaction(outPoint.txid);
    if (source !== undefined && source.state.kind !== "confirmed" && !isPending(source))
      return "A coin of this payment came by a transaction that was replaced meanwhile. Prepare it again.";
    if (isDoubtful(account, outPoint, draft))
      return "A coin of this payment came by a block that is not believed any more. Prepare it again.";
    if (ledger.isLocked(outPoint)) return "A coin of this payment was frozen meanwhile. Prepare it again.";
  }
  // Two payments to one address would tell whoever looks that they are of one wallet.
  if (draft.change !== undefined && isPaid(ledger, draft.change))
    return "The address for this payment's change was used meanwhile. Prepare it again.";
  return undefined;
}

/** Whether a coin hangs on a block that is not believed. One of the payment that is to be replaced does no harm by that: it waits as it did. */
function isDoubtful(account: CustodyAccount, { txid, index }: OutPoint, { replaces }: DraftPayment): boolean {
  const { ledger, proofs } = account;
  if (!proofs.hasBroken) return false;
  if (replaces !== undefined && ledger.spendersOf({ txid, index }).some((one) => equalBytes(one, replaces)))
    return false;
  const seen = new Set<HashKey>();
  const open = [txid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (account.isDoubted(next)) return true;
    const record = seen.has(hashKey(next)) ? undefined : ledger.transaction(next);
    seen.add(hashKey(next));
    if (record !== undefined && record.state.kind !== "confirmed")
      open.push(...transactionOf(record).inputs.map(({ previousOutput }) => previousOutput.txid));
  }
  return false;
}

function isPaid(ledger: LedgerStore, script: Uint8Array): boolean {
  for (const record of historyOf(ledger)) {
    if (transactionOf(record).outputs.some(({ scriptPubKey }) => equalBytes(scriptPubKey, script))) return true;
  }
  return false;
}

/** Whether a payment spends a coin that is not the one to be replaced: whatever else the replacement would undo was not asked for. */
function isSpentByOther(account: CustodyAccount, outPoint: OutPoint, replaces: Txid | undefined): boolean {
  const { ledger } = account;
  return ledger.spendersOf(outPoint).some((txid) => {
    const spender = ledger.transaction(txid);
    if (spender === undefined || !holdsItsInputs(spender)) return false;
    return replaces === undefined || !(equalBytes(txid, replaces) || account.isUntakenBumpOf(spender, replaces));
  });
}

/** Signs a draft with the account's keys, which whoever leads it wipes behind it. Throws `Error` where they do not suffice. */
export function* signDraft(account: CustodyAccount, draft: DraftPayment, secrets: SigningMaterial): Steps<Transaction> {
  const withMaterial: WithMaterial = (script, sign) => {
    const material = account.keychain.materialFor(script, { includePrivate: true }, secrets) ?? new SigningMaterial();
    try {
      return sign(material);
    } finally {
      material.wipe();
    }
  };
  const spent = draft.coins.map(({ output }) => output);
  const { secp256k1 } = account.context;
  const signed = yield* signingSteps(draft.fields, spent, SighashType.DEFAULT, withMaterial, secp256k1);
  if (signed.errors.size > 0)
    throw new Error("This wallet's keys do not suffice to sign the payment. Make a PSBT of it for the others to sign.");
  return signed.transaction;
}

/** A draft as a PSBT with all that the account knows of it, for others to sign. */
export function* psbtOfDraft(account: CustodyAccount, { fields }: DraftPayment): Steps<Psbt> {
  const blank = withPreviousTransactions(createPsbt(fields, { version: 0 }), ({ txid }) => {
    const record = account.ledger.transaction(txid);
    return record && transactionOf(record);
  });
  const materials = keychainMaterials(account.keychain);
  return (yield* fillingSteps(blank, materials, { sign: false }, account.context.secp256k1)).psbt;
}

/** Core's words for people who have never seen its settings. */
function sentenceOf(
  error: string,
  order: PaymentOrder | undefined,
  from: CustodySpending,
  chosen: readonly OutPoint[] | undefined,
): string {
  const least = requiredFeerate(from.settings, from.node);
  if (/^Insufficient funds|^Total value of UTXO pool|^Assigned more value|remainder results in dust/.test(error)) {
    return notEnough(order, from, chosen);
  }
  if (/exceeds your balance when/.test(error))
    return "There is enough for the amount, but not for its fee as well: lower the amount, or send all.";
  if (/amount too small|below dust threshold/.test(error))
    return "The amount is so small that spending it would cost more than it is worth: nobody would pass the payment on.";
  if (/lower than the minimum fee rate/.test(error))
    return `The network passes on nothing that pays less than ${satPerVbText(least)}: choose at least that.`;
  if (/^Fee exceeds maximum/.test(error))
    return `The fee would be more than ${formatMoney(from.settings.feeMax)} BTC: choose a lower feerate.`;
  if (/^Unconfirmed UTXOs are available/.test(error))
    return "Too many payments that wait hang together already: wait until a block has taken some of them.";
  if (/^Transaction too large|weight/i.test(error))
    return order?.payees.some(({ amount }) => amount === "all")
      ? `These are more coins than fit into one payment: choose some of them, about ${coinsThatFit(from)} at a time, and send the rest in another one.`
      : "The payment would be larger than the network passes on: pay in several parts.";
  return error;
}

/** How many coins of the account's one payment can spend, to the hundred below. */
function coinsThatFit(from: CustodySpending): number {
  const weights = from.spendableCoins().flatMap(({ inputWeight }) => inputWeight ?? []);
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / Math.max(1, weights.length);
  return Math.floor(STANDARD_WEIGHT_MAX / Math.max(1, mean) / 100) * 100;
}

function notEnough(
  order: PaymentOrder | undefined,
  from: CustodySpending,
  chosen: readonly OutPoint[] | undefined,
): string {
  const coins = from.spendableCoins().filter((coin) => coin.isSafe);
  const names = chosen && new Set(chosen.map(outPointKey));
  const usable =
    names === undefined ? coins : from.spendableCoins().filter(({ outPoint }) => names.has(outPointKey(outPoint)));
  const sum = usable.reduce((total, { output }) => total + output.value, 0n);
  const asked = (order?.payees ?? []).reduce((total, { amount }) => (amount === "all" ? total : total + amount), 0n);
  const where = names === undefined ? "can be spent now" : "is in the chosen coins";
  if (order === undefined)
    return `There is not enough for the higher fee: ${formatMoney(sum)} BTC can be spent besides.`;
  return sum === 0n
    ? "There is nothing to spend: payments from others count once they are in a block, and what was mined 100 blocks later."
    : `There is not enough: ${formatMoney(asked)} BTC and the fee are to be paid, and ${formatMoney(sum)} BTC ${where}.`;
}

function bumpSentence(error: string, feerateSatPerKvb: Sats, from: CustodySpending): string {
  if (/^Insufficient total fee/.test(error))
    return `${satPerVbText(feerateSatPerKvb)} is too little: a replacement pays the old fee and at least ${satPerVbText(from.node.incrementalFeerateSatPerKvb)} on top.`;
  if (/has descendants/.test(error))
    return "Another payment builds on this one already: raise the fee of that one, or wait.";
  if (/already bumped/.test(error))
    return "This payment was replaced by another one already: raise the fee of that one.";
  if (/has been mined|is already spent/.test(error))
    return "This payment is in a block already, or another one that spends its coins is.";
  if (/don't belong to this wallet/.test(error))
    return "Others have inputs in this payment, which this wallet cannot sign.";
  const inner = error.replace(/^Unable to create transaction\. /, "");
  return sentenceOf(inner, undefined, from, undefined);
}
