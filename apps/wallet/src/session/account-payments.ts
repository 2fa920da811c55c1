import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { satPerVbText } from "@bitfleet/wallet/building/fee-policy.ts";
import { scriptKey } from "@bitfleet/wallet/ledger/change-set.ts";
import { historyOf } from "@bitfleet/wallet/ledger/history.ts";
import { transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import type { SpendingFacts } from "@bitfleet/wallet/self-custody/custody-spending.ts";
import {
  type DraftPayment,
  draftBump,
  draftChild,
  draftObstacle,
  draftPayment,
  draftTakeBack,
  psbtOfDraft,
  signDraft,
} from "@bitfleet/wallet/self-custody/payments.ts";
import { sharedFactsOf, withSharedKeys } from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { Steps } from "@bitfleet/wallet/steps.ts";
import { type ChainSource, type ServerFees, SourceProblem, type WaitingAncestor } from "../network/chain-source.ts";
import type { PaymentRequest, Prepared, PreparedPayment, Watch } from "./account.ts";
import { addressProblem } from "./account-addresses.ts";
import { type HistoryContext, partOf } from "./account-history.ts";
import type { AccountKeeper } from "./account-keeper.ts";
import { FEES_UNKNOWN, feeChoicesOf, nodeFeesOf, SPENDING_SETTINGS } from "./fees.ts";
import { KeptPayment } from "./kept-payment.ts";
import { parseOutPoint } from "./stored.ts";

/** Payments of the active account: prepared, looked at, signed, kept, sent. */

/** What payments take besides the account. */
export interface PaymentDependencies {
  readonly context: () => HistoryContext;
  readonly chain: string;
  readonly source: () => ChainSource | undefined;
  readonly tip: () => { readonly height: number; readonly time: number };
  /** The account's private keys, derived for one use; rejects where it has none. */
  readonly secrets: () => Promise<SigningMaterial>;
  /** Does what takes long, in turns with the page. */
  readonly lead: <Result>(steps: Steps<Result>, watch: Watch | undefined) => Promise<Result>;
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly nowMs: () => number;
  /** Uniform in [0, 1), not to be foretold. */
  readonly unit: () => number;
  readonly signal: AbortSignal;
  /** The network has said whether it takes a payment. */
  readonly onAnswered: (txid: string) => void;
  /** A payment was made, and handed in or not. */
  readonly onMade: () => void;
}

/** For so long what a server said of fees is not asked for again. */
const FEES_KEPT_MS = 20_000;
/** A fee above this share of what is paid is pointed out. */
const FEE_SHARE_MAX = 10n;
/** Satoshis for 1000 vbytes: more is a mistake for servers, which take it from nobody. */
const FEERATE_MAX = 10_000_000n;

/** Kinds of witness programs that have no rules yet, and those that have none on purpose. */
function isForAnybody(script: Uint8Array): boolean {
  const { type } = templateOf(script);
  return type === "witness_unknown" || type === "anchor";
}

/** Whether what spends it has nothing in its inputs but witnesses, which are no part of its name. */
const isWitness = (script: Uint8Array) => templateOf(script).type.startsWith("witness_");

/** Why no server takes a payment that pays so much, in a sentence. */
export function feerateExcess({ fee, virtualSize, coins }: DraftPayment): string | undefined {
  // A signature may turn out a byte shorter than was reckoned with.
  return fee * 1000n > FEERATE_MAX * BigInt(virtualSize - coins.length)
    ? `No server takes ${satPerVbText(FEERATE_MAX)} or more: choose a lower feerate.`
    : undefined;
}

/** What becomes of a payment that the network refuses, where it is not kept, and what is said of that with the reason. */
interface Refusal {
  readonly says: string;
  /** As if it had never been made, and not given up: the same one may be made again. */
  readonly isForgotten: boolean;
}

const REPLACED_STAYS: Refusal = { says: "The payment stays as it was before.", isForgotten: false };
const SWEPT_STAYS: Refusal = { says: "Nothing was swept: the coins are where they were.", isForgotten: true };

interface CommitFacts {
  readonly fee: Sats | undefined;
  readonly replaces?: Txid | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Where absent, it is kept and sent again. */
  readonly ifRefused?: Refusal | undefined;
  /** From now on it is made. */
  readonly onKept?: (() => void) | undefined;
}

export class AccountPayments {
  readonly #keeper: AccountKeeper;
  readonly #deps: PaymentDependencies;
  readonly #drafts = new WeakMap<PreparedPayment, DraftPayment>();
  readonly #made = new WeakSet<DraftPayment>();
  #fees: { readonly fees: ServerFees; readonly atMs: number } | undefined;

  constructor(keeper: AccountKeeper, deps: PaymentDependencies) {
    this.#keeper = keeper;
    this.#deps = deps;
  }

  /** Rejects where no server can be asked. */
  async fees(): Promise<ServerFees> {
    const { nowMs, signal } = this.#deps;
    if (this.#fees !== undefined && Math.abs(nowMs() - this.#fees.atMs) < FEES_KEPT_MS) return this.#fees.fees;
    const source = this.#deps.source();
    if (source === undefined)
      throw new Error("The network does not answer, so that nobody says what a payment costs now.");
    const fees = await source.fees(signal);
    this.#fees = { fees, atMs: nowMs() };
    return fees;
  }

  async prepare(request: PaymentRequest): Promise<Prepared> {
    const { custody } = this.#keeper;
    const payees: { script: Uint8Array; address: string; amount: Sats | "all" }[] = [];
    for (const { address, amount } of request.recipients) {
      const problem = addressProblem(address, custody, this.#deps.chain);
      if (problem !== undefined) return { error: problem };
      const decoded = decodeAddress(address.trim(), custody.context.prefixes);
      if ("error" in decoded) return { error: decoded.error };
      if (amount !== "all" && amount <= 0n) return { error: "Enter an amount above zero." };
      payees.push({ script: decoded.script, address: address.trim(), amount });
    }
    if (payees.filter(({ amount }) => amount === "all").length > 1)
      return { error: "Only one of those who are paid can get all that is left." };
    const coins = request.coins?.map(parseOutPoint);
    if (coins?.some((coin) => coin === undefined)) return { error: "A coin was chosen that is none." };
    const { feerateSatPerKvb, isReplaceable = true } = request;
    const order = { payees, feerateSatPerKvb, isReplaceable, ...(coins && { coins: coins.map((coin) => coin!) }) };
    const labels = Object.fromEntries(
      request.recipients.flatMap(({ address, label }) => (label.trim() === "" ? [] : [[address.trim(), label.trim()]])),
    );
    return this.#prepared(draftPayment(custody, order, await this.facts()), labels);
  }

  async prepareBump(txid: Txid, feerateSatPerKvb: Sats): Promise<Prepared> {
    return this.#prepared(draftBump(this.#keeper.custody, txid, feerateSatPerKvb, await this.facts()), {});
  }

  async prepareTakeBack(txid: Txid, feerateSatPerKvb: Sats): Promise<Prepared> {
    return this.#prepared(draftTakeBack(this.#keeper.custody, txid, feerateSatPerKvb, await this.facts()), {});
  }

  async prepareChild(txid: Txid, feerateSatPerKvb: Sats): Promise<Prepared> {
    const source = this.#deps.source();
    if (source === undefined)
      return { error: "The network does not answer: what the child would have to pay for is not known." };
    const ancestors = await source.waitingFamily(txid, this.#deps.signal);
    if (ancestors.length === 0) return { error: "The transaction waits in no mempool: a child can do nothing for it." };
    return this.#prepared(draftChild(this.#keeper.custody, txid, feerateSatPerKvb, await this.facts(ancestors)), {});
  }

  /** Signs, writes, and only then sends: what is sent is never lost. Nothing else changes the account meanwhile, and no other payment is made. */
  async confirm(prepared: PreparedPayment, watch?: Watch): Promise<string> {
    const draft = this.#draftOf(prepared);
    return this.#deps.exclusively(async () => {
      if (this.#made.has(draft)) throw new Error("This payment was made already: you find it in the history.");
      const obstacle = draftObstacle(this.#keeper.custody, draft);
      if (obstacle !== undefined) throw new Error(obstacle);
      const transaction = await this.#signed(draft, watch);
      const labels = draft.takesBack ? undefined : prepared.labels;
      const { fee, replaces } = draft;
      return this.#commit(transaction, { fee, replaces, labels, onKept: () => this.#made.add(draft) });
    });
  }

  /** Ended before its end, by a lock for one, it leaves nothing but wiped keys. */
  async #signed(draft: DraftPayment, watch: Watch | undefined): Promise<Transaction> {
    const secrets = await this.#deps.secrets();
    try {
      return await this.#deps.lead(signDraft(this.#keeper.custody, draft, secrets), watch);
    } finally {
      secrets.wipe();
    }
  }

  async toPsbt(prepared: PreparedPayment, watch?: Watch): Promise<string> {
    const { custody } = this.#keeper;
    const draft = this.#draftOf(prepared);
    const psbt = await this.#deps.lead(psbtOfDraft(custody, draft), watch);
    const label = Object.values(prepared.labels).join(", ");
    const { txid } = new Transaction(draft.fields);
    // It has its name before it is signed, so that it is called so whoever sends it and whenever.
    if (label !== "" && draft.coins.every(({ output }) => isWitness(output.scriptPubKey)))
      await this.#deps.exclusively(() => this.#keeper.label("transaction", displayHash(txid), label));
    const shared = sharedFactsOf(custody.descriptors.map(({ text }) => text));
    return psbtToBase64(shared === undefined ? psbt : withSharedKeys(psbt, shared));
  }

  /** Sends a transaction that others have signed, too. One that has nothing to do with the account is not kept. */
  async commitSigned(transaction: Transaction, fee: Sats | undefined): Promise<string> {
    const { ledger, keychain } = this.#keeper.custody;
    // One that the network has is not to be written anew.
    const isNew = (ledger.transaction(transaction.txid)?.state.kind ?? "inactive") === "inactive";
    const isOurs =
      transaction.inputs.some(({ previousOutput }) => ledger.coin(previousOutput) !== undefined) ||
      transaction.outputs.some(({ scriptPubKey }) => keychain.ownerOf(scriptPubKey) !== undefined);
    if (isOurs && isNew) return this.#deps.exclusively(() => this.#commit(transaction, { fee, labels: {} }));
    const source = this.#deps.source();
    if (source === undefined) throw new Error("The network does not answer: the payment was not sent.");
    await source.broadcast(transaction.bytes, this.#deps.signal);
    return displayHash(transaction.txid);
  }

  /** Keeps and sends a payment to the account that spends coins of others. Where the network refuses it, it was not made. */
  async commitSwept(transaction: Transaction, fee: Sats, label: string): Promise<string> {
    const facts = { fee, labels: { "": label }, ifRefused: SWEPT_STAYS };
    return this.#deps.exclusively(() => this.#commit(transaction, facts));
  }

  async #commit(transaction: Transaction, facts: CommitFacts): Promise<string> {
    const { fee, replaces, labels, ifRefused = replaces && REPLACED_STAYS, onKept = () => {} } = facts;
    const txid = displayHash(transaction.txid);
    const nowSeconds = Math.floor(this.#deps.nowMs() / 1000);
    const names = Object.values(labels ?? {});
    // What takes a payment's place is for the same, but where it takes it back.
    const taken = labels && replaces && this.#keeper.transactionLabels.get(displayHash(replaces));
    const label = names.length > 0 ? names.join(", ") : taken;
    const { ledger } = this.#keeper.custody;
    const spendsOwn = transaction.inputs.some(({ previousOutput }) => ledger.coin(previousOutput) !== undefined);
    const notes = { replaces, label, ...(!spendsOwn && { isSentHere: true }) };
    await this.#keeper.takeCreated(transaction, fee, notes, nowSeconds);
    onKept();
    try {
      await this.#handIn(transaction, ifRefused);
    } finally {
      this.#deps.onMade();
    }
    return txid;
  }

  /** Rejects with `KeptPayment` where it is to be handed in again; with another error where it is not. */
  async #handIn({ txid, bytes }: Transaction, ifRefused: Refusal | undefined): Promise<void> {
    const source = this.#deps.source();
    const name = displayHash(txid);
    if (source === undefined)
      throw new KeptPayment(name, "The network does not answer. The payment is kept, and is sent as soon as it does.");
    try {
      await source.broadcast(bytes, this.#deps.signal);
      this.#keeper.custody.noteHandedIn(txid);
      this.#deps.onAnswered(name);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const isRefused = cause instanceof SourceProblem && cause.kind === "refused";
      if (isRefused) this.#deps.onAnswered(name);
      if (isRefused && ifRefused !== undefined) {
        // All is as it was without it: nothing is kept that would be refused again and again.
        if (ifRefused.isForgotten) await this.#keeper.forgetCreated(txid);
        else {
          this.#keeper.custody.abandon(txid);
          await this.#keeper.write();
        }
        throw new Error(`${why} ${ifRefused.says}`, { cause });
      }
      const message = `${why} The payment is kept and sent again; give it up in its details if you do not want it any more.`;
      throw new KeptPayment(name, message, { cause });
    }
  }

  #draftOf(prepared: PreparedPayment): DraftPayment {
    const draft = this.#drafts.get(prepared);
    if (draft === undefined)
      throw new Error("The payment was prepared before the wallet was locked or changed: prepare it again.");
    return draft;
  }

  /** What a payment is built by besides its coins; what nobody tells of fees now is taken to be as it was for long. */
  async facts(ancestors: readonly WaitingAncestor[] = []): Promise<SpendingFacts> {
    const { tip, nowMs, unit } = this.#deps;
    const fees = await this.fees().catch(() => this.#fees?.fees ?? FEES_UNKNOWN);
    const { time } = tip();
    return {
      settings: SPENDING_SETTINGS,
      node: nodeFeesOf(fees),
      tip: {
        height: this.#keeper.custody.tipHeight,
        ageSeconds: Math.floor(nowMs() / 1000) - time,
        isInitialBlockDownload: this.#deps.source() === undefined,
      },
      random: { unit },
      feeOf: (txid) => this.#keeper.feeOf(txid),
      ancestors,
    };
  }

  #prepared(draft: DraftPayment | { readonly error: string }, labels: Readonly<Record<string, string>>): Prepared {
    if ("error" in draft) return draft;
    const excess = feerateExcess(draft);
    if (excess !== undefined) return { error: excess };
    const context = this.#deps.context();
    const { custody } = this.#keeper;
    const inputs = draft.coins.map(({ output }) => partOf(output.scriptPubKey, output.value, context));
    const outputs = draft.fields.outputs.map(({ scriptPubKey, value }) => {
      const part = partOf(scriptPubKey, value, context);
      const label = part.label || (part.address && labels[part.address]) || "";
      return { ...part, label, isChange: custody.isChange(scriptPubKey) };
    });
    const sum = (values: readonly (Sats | undefined)[]) =>
      values.reduce<Sats>((total, value) => total + (value ?? 0n), 0n);
    const spent = sum(inputs.map(({ value }) => value));
    const back = sum(outputs.filter(({ owner }) => owner === "mine" || owner === "change").map(({ value }) => value));
    const prepared: PreparedPayment = {
      inputs,
      outputs,
      fee: draft.fee,
      feerateSatPerKvb: (draft.fee * 1000n) / BigInt(draft.virtualSize),
      virtualSize: draft.virtualSize,
      total: spent - back,
      change: sum(outputs.filter(({ isChange }) => isChange).map(({ value }) => value)),
      replaces: draft.replaces === undefined ? undefined : displayHash(draft.replaces),
      warnings: this.#warnings(draft),
      labels,
      unsigned: toHex(new Transaction(draft.fields).bytes),
    };
    this.#drafts.set(prepared, draft);
    return prepared;
  }

  #warnings({ fields, fee, coins, replaces }: DraftPayment): readonly string[] {
    const { custody } = this.#keeper;
    const warnings: string[] = [];
    const payments = fields.outputs.filter(({ scriptPubKey }) => !custody.isChange(scriptPubKey));
    const paid = payments.reduce((total, { value }) => total + value, 0n);
    const kept = fields.outputs.reduce((total, { value }) => total + value, 0n);
    if (paid > 0n && fee * FEE_SHARE_MAX > paid) warnings.push("The fee is more than a tenth of what is paid.");
    else if (paid === 0n && fee * FEE_SHARE_MAX > kept) warnings.push("The fee is more than a tenth of what is kept.");
    if (payments.some(({ scriptPubKey }) => isForAnybody(scriptPubKey)))
      warnings.push(
        "This address is of a kind that is not protected yet: anybody could take what is paid to it. Make sure that it is meant.",
      );
    const fast = this.#fees && feeChoicesOf(this.#fees.fees).fast;
    const size = BigInt(new Transaction(fields).virtualSize);
    if (fast?.isEstimate && fee * 1000n > 3n * fast.feerateSatPerKvb * (size + 100n * BigInt(coins.length)))
      warnings.push("The fee is several times what is needed to be confirmed soon.");
    const own = payments.filter(({ scriptPubKey }) => custody.keychain.ownerOf(scriptPubKey) !== undefined);
    if (own.length > 0 && own.length === payments.length)
      warnings.push("This pays to an address of this account itself.");
    if (replaces === undefined && payments.some(({ scriptPubKey }) => this.#wasPaid(scriptPubKey)))
      warnings.push("This address was paid to before: whoever looks can tell that both payments go to the same one.");
    return warnings;
  }

  #wasPaid(script: Uint8Array): boolean {
    const { custody } = this.#keeper;
    if (custody.keychain.ownerOf(script) !== undefined) return false;
    const key = scriptKey(script);
    for (const record of historyOf(custody.ledger)) {
      if (record.isFromMe && transactionOf(record).outputs.some((output) => scriptKey(output.scriptPubKey) === key))
        return true;
    }
    return false;
  }
}
