import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { decodeAddress, type WifKey } from "@bitfleet/protocol/script/address.ts";
import type { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { signDraft } from "@bitfleet/wallet/self-custody/payments.ts";
import { DishonestAnswer } from "@bitfleet/wallet/self-custody/snapshot.ts";
import {
  draftSweep,
  type FoundOfKind,
  foundOfKey,
  type SweepDraft,
  sweptAccount,
} from "@bitfleet/wallet/self-custody/sweep.ts";
import { readSweptKey, sweptKinds } from "@bitfleet/wallet/self-custody/swept-key.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { Steps } from "@bitfleet/wallet/steps.ts";
import { type ChainSource, SourceProblem } from "../network/chain-source.ts";
import type { KeySweep, PreparedSweep, Watch } from "./account.ts";
import { freshAddress } from "./account-addresses.ts";
import { type HistoryContext, partOf } from "./account-history.ts";
import { type AccountPayments, feerateExcess } from "./account-payments.ts";
import { KeptPayment } from "./kept-payment.ts";
import { look } from "./look.ts";
import type { AddressChoice } from "./records.ts";

/** Sweeping a private key into the active account: its coins are looked up, shown, and paid to an address of the account. */

export interface SweepDependencies {
  readonly context: () => HistoryContext;
  readonly payments: AccountPayments;
  readonly source: () => ChainSource | undefined;
  readonly lead: <Result>(steps: Steps<Result>, watch: Watch | undefined) => Promise<Result>;
  readonly nowMs: () => number;
  /** Aborts when the account is no longer on screen, as where the wallet is locked. */
  readonly signal: AbortSignal;
}

/** A fee above this share of what is swept is pointed out. */
const FEE_SHARE_MAX = 10n;

/** Why a text holds no key for the account's network, in a sentence. Nothing is kept of it. */
export function keyProblem(text: string, { context }: CustodyAccount): string | undefined {
  const key = readSweptKey(text, context.prefixes);
  if ("error" in key) return key.error;
  key.privateKey.fill(0);
  return undefined;
}

/** Looks up what a key has. The key is overwritten where that leads to nothing, and with the end of the sweep. */
export async function keySweep(
  text: string,
  deps: SweepDependencies,
  signal: AbortSignal,
): Promise<KeySweep | { readonly error: string }> {
  const { custody } = deps.context().keeper;
  const key = readSweptKey(text, custody.context.prefixes);
  return "error" in key ? key : sweepOf(key, deps, signal);
}

async function sweepOf(
  key: WifKey,
  deps: SweepDependencies,
  signal: AbortSignal,
): Promise<KeySweep | { readonly error: string }> {
  try {
    const account = sweptAccount(key, deps.context().keeper.custody.context);
    const problem = await looked(account, deps, AbortSignal.any([signal, deps.signal]));
    const error = problem ?? emptiness(foundOfKey(account, key), key);
    if (error === undefined) return new HeldKeySweep(key, account, deps);
    key.privateKey.fill(0);
    return { error };
  } catch (error) {
    key.privateKey.fill(0);
    throw error;
  }
}

/** Brings the key's account to what the server says of it now, checked as all that it says; or why not, in a sentence. */
async function looked(
  account: CustodyAccount,
  deps: SweepDependencies,
  signal: AbortSignal,
): Promise<string | undefined> {
  const source = deps.source();
  if (source === undefined)
    return "The network is not reached, so nobody can say what this key has. Try again when it answers.";
  // Its scripts by their hashes: descriptors would tell the server its public key.
  const byHash: ChainSource = {
    ...source,
    history: (ranges, _isKnown, ending) =>
      source.scriptHistory(
        ranges.flatMap(({ scripts }) => scripts),
        ending,
      ),
  };
  try {
    const { snapshot } = await look(account, byHash, signal);
    await deps.lead(account.takeSnapshot(snapshot, Math.floor(deps.nowMs() / 1000)), { signal });
    return undefined;
  } catch (error) {
    if (error instanceof SourceProblem && error.kind === "too-many")
      return "The addresses of this key have more transactions than this app can hold: sweep it with a node's own wallet.";
    if (error instanceof SourceProblem || error instanceof DishonestAnswer) return error.message;
    throw error;
  }
}

/** Why there is nothing to sweep, now or ever, in a sentence. */
function emptiness(found: readonly FoundOfKind[], key: WifKey): string | undefined {
  const has = (part: "ready" | "waiting" | "immature" | "leaving") => found.some((one) => one[part].count > 0);
  if (has("ready") || has("waiting") || has("immature")) return undefined;
  if (has("leaving")) return "All coins of this key are spent already, by a payment that waits for a block.";
  return found.length > 0
    ? "This key has nothing any more: all that was ever paid to it is spent."
    : `This key has nothing: ${sweptKinds(key).length} kinds of addresses were looked at, and none was ever paid.`;
}

class HeldKeySweep implements KeySweep {
  readonly found: readonly FoundOfKind[];
  readonly #key: WifKey;
  readonly #account: CustodyAccount;
  readonly #deps: SweepDependencies;
  readonly #drafts = new WeakMap<PreparedSweep, SweepDraft["payment"]>();
  readonly #onAbort = () => this.end();
  #hasEnded = false;
  #isBusy = false;

  constructor(key: WifKey, account: CustodyAccount, deps: SweepDependencies) {
    this.#key = key;
    this.#account = account;
    this.#deps = deps;
    this.found = foundOfKey(account, key);
    deps.signal.addEventListener("abort", this.#onAbort);
    if (deps.signal.aborted) this.end();
  }

  async prepare(feerateSatPerKvb: bigint, type: AddressChoice): Promise<PreparedSweep | { readonly error: string }> {
    const { context, payments } = this.#deps;
    const facts = await payments.facts();
    if (this.#hasEnded) return { error: ENDED };
    const { address, script } = this.#target(type);
    const draft = draftSweep(this.#account, { address, script }, feerateSatPerKvb, facts);
    if ("error" in draft) return draft;
    const { payment, dust, beyond } = draft;
    const excess = feerateExcess(payment);
    if (excess !== undefined) return { error: excess };
    const { coins, fields, fee, virtualSize } = payment;
    const inputs = coins.map(({ output }) => partOf(output.scriptPubKey, output.value, context()));
    const outputs = fields.outputs.map(({ scriptPubKey, value }) => ({
      ...partOf(scriptPubKey, value, context()),
      isChange: false,
    }));
    const total = coins.reduce((sum, { output }) => sum + output.value, 0n);
    const label = `Swept from ${this.#name(inputs)}`;
    const prepared: PreparedSweep = {
      inputs,
      outputs,
      fee,
      feerateSatPerKvb: (fee * 1000n) / BigInt(virtualSize),
      virtualSize,
      total,
      change: 0n,
      replaces: undefined,
      warnings: [
        ...(fee * FEE_SHARE_MAX > total ? ["The fee is more than a tenth of what is swept."] : []),
        ...(inputs.some(({ owner }) => owner === "mine" || owner === "change")
          ? ["Coins of this key are in this account already: it is one of its own."]
          : []),
      ],
      labels: { [address]: label },
      unsigned: toHex(new Transaction(fields).bytes),
      type,
      arrives: total - fee,
      dust,
      beyond,
    };
    this.#drafts.set(prepared, payment);
    return prepared;
  }

  async confirm(prepared: PreparedSweep, watch?: Watch): Promise<string> {
    const payment = this.#drafts.get(prepared);
    if (payment === undefined || this.#hasEnded) throw new Error(ENDED);
    if (this.#isBusy) throw new Error("The key is being swept already.");
    const [to] = prepared.outputs;
    if (this.#target(prepared.type).address !== to?.address)
      throw new Error(
        "The address that it was to go to was used meanwhile. Look at it once more: it goes to the next one.",
      );
    this.#isBusy = true;
    const secrets = new SigningMaterial();
    try {
      const key = { ...this.#key, privateKey: this.#key.privateKey.slice() };
      secrets.addPrivateKey(key, this.#account.context.secp256k1);
      const transaction = await this.#deps.lead(signDraft(this.#account, payment, secrets), watch);
      secrets.wipe();
      const [label = ""] = Object.values(prepared.labels);
      const txid = await this.#deps.payments.commitSwept(transaction, payment.fee, label);
      this.end();
      return txid;
    } catch (error) {
      // Made, it is sent by itself until the network has it: nothing more is to be signed.
      if (error instanceof KeptPayment) this.end();
      throw error;
    } finally {
      secrets.wipe();
      this.#isBusy = false;
    }
  }

  async lookAgain(signal: AbortSignal): Promise<KeySweep | { readonly error: string }> {
    if (this.#hasEnded) return { error: ENDED };
    const next = await sweepOf({ ...this.#key, privateKey: this.#key.privateKey.slice() }, this.#deps, signal);
    if (!("error" in next)) this.end();
    return next;
  }

  end(): void {
    this.#hasEnded = true;
    this.#key.privateKey.fill(0);
    this.#deps.signal.removeEventListener("abort", this.#onAbort);
  }

  #target(type: AddressChoice): { readonly address: string; readonly script: Uint8Array } {
    const { keeper } = this.#deps.context();
    const { address } = freshAddress(keeper, type);
    const decoded = decodeAddress(address, keeper.custody.context.prefixes);
    if ("error" in decoded) throw new Error("This account has no address to sweep to.");
    return { address, script: decoded.script };
  }

  /** Of whom it was swept: the address with the most, and how many more. */
  #name(inputs: PreparedSweep["inputs"]): string {
    const sums = new Map<string | undefined, bigint>();
    for (const { address, value = 0n } of inputs) sums.set(address, (sums.get(address) ?? 0n) + value);
    const addresses = [...sums].sort(([, a], [, b]) => Number(b - a)).flatMap(([address]) => address ?? []);
    const [first = "a public key", ...others] = addresses;
    return others.length === 0 ? first : `${first} and ${others.length} more`;
  }
}

const ENDED = "The key is not here any more: enter it once more.";
