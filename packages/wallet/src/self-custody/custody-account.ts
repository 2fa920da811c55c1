import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { OutPoint, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { Keychain, type KeychainChanges } from "../keychain/keychain.ts";
import type { ScriptSource } from "../keychain/script-source.ts";
import type { RuleContext } from "../ledger/add-transaction.ts";
import { type ChangeSet, EMPTY_CHANGE_SET, isEmptyChangeSet, mergeChangeSets } from "../ledger/change-set.ts";
import { LedgerDraft } from "../ledger/ledger-draft.ts";
import { MemoryLedgerStore } from "../ledger/memory-ledger-store.ts";
import {
  abandonTransaction,
  removeTransactions,
  transactionCreated,
  transactionReplaced,
} from "../ledger/own-rules.ts";
import type { QueryContext } from "../ledger/trust.ts";
import type { DescriptorId } from "../ledger/wallet-coin.ts";
import type { TransactionNotes, WalletTransaction } from "../ledger/wallet-transaction.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { allAtOnce, type Steps } from "../steps.ts";
import { type AccountDescriptor, GAP_LIMIT } from "./account-descriptors.ts";
import { type ConfirmationProof, ConfirmationProofs } from "./confirmation-proofs.ts";
import type { AccountState, DescriptorState, KeptAccount } from "./kept-account.ts";
import { LookedIndexes, type RangeKind } from "./looked-indexes.ts";
import type { FarPlace, ScriptRange } from "./script-ranges.ts";
import type { Snapshot } from "./snapshot.ts";
import { snapshotSteps } from "./snapshot-rules.ts";

export interface CustodyOptions {
  /** Whether the private keys of its descriptors can be had; none of them is here. */
  readonly signs: boolean;
  /** Addresses in a row without any use, behind which nobody looks further. */
  readonly gapLimit?: number | undefined;
}

export interface AccountContext {
  readonly prefixes: AddressPrefixes;
  readonly secp256k1: Secp256k1;
}

/** Indexes of a descriptor that are derived between two turns of others: some hundredths of a second. */
const WIDENED_AT_ONCE = 10;

/** Private keys are here only as long as somebody signs, who has them. */
const NO_SECRETS = new SigningMaterial();

/** Those to receive by and those for change stand beside each other. */
const pairOf = ({ id }: AccountDescriptor): number => Math.floor((id - 1) / 2);

/** Addresses of one account, without those far ahead that its gap limit asks for: more are not looked through, whatever a server says. */
export const ADDRESSES_MAX = 20_000;

/**
 * An account of a wallet that keeps its own keys: descriptors, the transactions that concern them, coins. It knows no network: who does tells
 * it snapshots, and writes down what {@link takeChanges} answers.
 */
export class CustodyAccount {
  readonly keychain: Keychain;
  readonly ledger: MemoryLedgerStore;
  readonly context: AccountContext;
  /** Whether it can make all signatures of its own: of a wallet that watches, others do. */
  readonly signs: boolean;
  readonly proofs = new ConfirmationProofs();
  readonly #gapLimit: number;
  readonly #descriptors: Map<DescriptorId, AccountDescriptor>;
  readonly #shown = new Map<DescriptorId, number>();
  readonly #looked = new LookedIndexes();
  /** Which of the far addresses is the next to be looked at again; `undefined` for the first. */
  farNext: FarPlace | undefined;
  /** Taken by the network since the last snapshot. */
  readonly #handedIn = new Set<HashKey>();
  #changes: ChangeSet = EMPTY_CHANGE_SET;
  #isStateChanged = false;

  /** Watches {@link GAP_LIMIT} addresses ahead at first; what is beyond comes by {@link widen}. */
  constructor(kept: KeptAccount, { signs, gapLimit = GAP_LIMIT }: CustodyOptions, context: AccountContext) {
    this.context = context;
    this.signs = signs;
    const secrets = { unlocked: NO_SECRETS, has: () => signs };
    this.#gapLimit = gapLimit;
    this.keychain = new Keychain({ lookAhead: gapLimit }, { ...context, secrets });
    this.#descriptors = new Map(kept.descriptors.map((descriptor) => [descriptor.id, descriptor]));
    this.farNext = kept.farNext;
    for (const { shownIndex, lookedEnd, farEnd, ...progress } of kept.progress) {
      const descriptor = this.#descriptors.get(progress.id);
      if (descriptor === undefined) continue;
      this.#shown.set(progress.id, shownIndex);
      this.#looked.load(progress.id, { lookedEnd, farEnd }, progress);
      this.keychain.load(descriptor, progress);
    }
    for (const script of kept.scripts) if (this.#descriptors.has(script.descriptorId)) this.keychain.loadScript(script);
    this.ledger = new MemoryLedgerStore({ onApplied: (changes) => this.#note(changes) });
    this.ledger.apply(allAtOnce(this.#restored(kept)));
    this.#changes = EMPTY_CHANGE_SET;
    for (const [txid, proof] of kept.proofs ?? []) this.proofs.note(txid, proof);
    for (const source of this.keychain.sources) this.#watch(source, Math.min(GAP_LIMIT, gapLimit));
  }

  /** The same in turns with others: twenty thousand transactions take a second. */
  static *open(kept: KeptAccount, options: CustodyOptions, context: AccountContext): Steps<CustodyAccount> {
    const account = new CustodyAccount({ ...kept, transactions: [], proofs: [] }, options, context);
    const changes = account.#changes;
    account.ledger.apply(yield* account.#restored(kept));
    account.#changes = changes;
    for (const [txid, proof] of kept.proofs ?? []) account.proofs.note(txid, proof);
    return account;
  }

  get descriptors(): readonly AccountDescriptor[] {
    return [...this.#descriptors.values()];
  }

  get tipHeight(): number {
    return this.ledger.bestBlock()?.height ?? -1;
  }

  get query(): QueryContext {
    const isDoubted = (txid: Txid) => this.isDoubted(txid);
    return { tipHeight: this.tipHeight, spendsUnconfirmedChange: true, avoidReuse: false, isDoubted };
  }

  /** The scripts that are watched, by what is known of them. */
  ranges(which: RangeKind): readonly ScriptRange[] {
    return [...this.keychain.sources].flatMap((source): ScriptRange[] => {
      const descriptor = this.#descriptors.get(source.record.id);
      if (descriptor === undefined) return [];
      const spans = this.#looked.spans(which, descriptor.id, source.progress);
      return spans.map(([from, end]) => {
        return { descriptor, isRanged: source.isRanged, from, end, scripts: this.#scriptsOf(source, from, end) };
      });
    });
  }

  /** Watches as far ahead as its gap limit says: a thousand addresses take a second. */
  *widen(): Steps<void> {
    const sources = [...this.keychain.sources].filter(({ isRanged }) => isRanged);
    for (const [done, source] of sources.entries()) {
      for (let ahead = source.unusedCount; ahead < this.#gapLimit; ) {
        ahead = Math.min(this.#gapLimit, ahead + WIDENED_AT_ONCE);
        this.#watch(source, ahead);
        yield { work: "check", done, total: sources.length };
      }
    }
  }

  /** All of these were looked at, from their beginnings to now. */
  noteLooked(ranges: readonly ScriptRange[], farNext = this.farNext): void {
    for (const { record, progress } of this.keychain.sources)
      this.#looked.note(
        record.id,
        ranges.filter(({ descriptor }) => descriptor.id === record.id),
        progress,
      );
    this.farNext = farNext;
    this.#isStateChanged = true;
  }

  /** Nothing that a server said holds any more: the account was of another chain. What was labelled and given out stays so. */
  forgetChain(): void {
    const removedTransactions = [...this.ledger.history({ limit: Number.MAX_SAFE_INTEGER })];
    const draft = new LedgerDraft(this.ledger, () => undefined);
    for (const record of removedTransactions) draft.removeTransaction(draft.transaction(record.txid)!);
    this.ledger.apply(draft.changeSet());
    this.ledger.forgetBestBlock();
    this.proofs.clear();
    this.#looked.clear();
    this.#isStateChanged = true;
  }

  /** Gives up what was looked at and found to be of no use: older kinds that were never used, and guesses where another one was right. */
  settleDoubts(): void {
    const inDoubt = this.descriptors.filter(({ doubt }) => doubt !== undefined);
    const used = new Set(inDoubt.filter(({ id }) => this.keychain.source(id).progress.nextIndex > 0).map(pairOf));
    for (const descriptor of inDoubt) {
      const isUsed = used.has(pairOf(descriptor));
      if (descriptor.doubt === "guess" && used.size === 0) continue;
      this.#isStateChanged = true;
      if (!isUsed) this.#descriptors.delete(descriptor.id);
      else this.#keepFor(descriptor);
    }
  }

  #keepFor({ doubt, ...descriptor }: AccountDescriptor): void {
    const { addressType } = this.keychain.source(descriptor.id);
    const { isInternal } = descriptor;
    const activeFor = doubt === "guess" && addressType ? { addressType, isInternal } : descriptor.activeFor;
    const kept = { ...descriptor, activeFor };
    this.#descriptors.set(descriptor.id, kept);
    this.keychain.replaceRecord(kept);
  }

  /** Scripts of the account that a transaction pays are in use: further ones are watched from now on. Throws `RangeError` beyond all measure. */
  noteUse({ outputs }: Pick<Transaction, "outputs">): void {
    for (const { scriptPubKey } of outputs) {
      if (this.keychain.ownerOf(scriptPubKey) === undefined) continue;
      this.#noteKeychain(this.keychain.markUsed(scriptPubKey).changes);
    }
    if (this.keychain.scriptCount - this.#aheadCount > ADDRESSES_MAX)
      throw new RangeError(
        `The account has more than ${ADDRESSES_MAX} addresses: the server's answer is not believed.`,
      );
  }

  /** Addresses that are watched farther ahead than usual: its owner wants that, and no server has led there. */
  get #aheadCount(): number {
    let count = 0;
    for (const { unusedCount } of this.keychain.sources) count += Math.max(0, unusedCount - GAP_LIMIT);
    return count;
  }

  /** Brings the ledger to what a server says, which was checked, when all steps are done; ended before, nothing has changed. */
  *takeSnapshot(snapshot: Snapshot, nowSeconds: number): Steps<void> {
    this.ledger.apply(yield* snapshotSteps(this.ledger, snapshot, this.#rules(nowSeconds)));
    this.#handedIn.clear();
  }

  /** A payment of the account's, signed: it holds its coins from now on. */
  takeCreated(transaction: Transaction, notes: TransactionNotes, nowSeconds: number): void {
    this.noteUse(transaction);
    // Of several bumps of one payment the last is meant, where the network has not taken one of those before.
    for (const record of [...this.ledger.unconfirmedTransactions()])
      if (this.isUntakenBumpOf(record, notes.replaces)) this.abandon(record.txid);
    this.ledger.apply(transactionCreated(this.ledger, transaction, notes, this.#rules(nowSeconds)));
    if (notes.replaces !== undefined && this.ledger.transaction(notes.replaces) !== undefined)
      this.ledger.apply(transactionReplaced(this.ledger, notes.replaces, transaction.txid));
  }

  /** The network has taken a payment; where that leads to, the next snapshot says. */
  noteHandedIn(txid: Txid): void {
    this.#handedIn.add(hashKey(txid));
  }

  /** Whether the network has taken a payment since it was last asked where that is. */
  isHandedIn(txid: Txid): boolean {
    return this.#handedIn.has(hashKey(txid));
  }

  /** Whether it was to replace a payment, and the network has not taken it: either of the two may be confirmed, and pays the same. */
  isUntakenBumpOf({ txid, state, notes: { replaces } }: WalletTransaction, replaced: Txid | undefined): boolean {
    if (replaces === undefined || replaced === undefined || !equalBytes(replaces, replaced)) return false;
    return state.kind === "inactive" && !this.#handedIn.has(hashKey(txid));
  }

  /** Why not, in a sentence; `undefined` where it is given up. */
  abandon(txid: Txid): string | undefined {
    const changes = abandonTransaction(this.ledger, txid);
    if ("error" in changes) return changes.error;
    this.ledger.apply(changes);
    return undefined;
  }

  freeze(outPoint: OutPoint, isFrozen: boolean): void {
    const lockedCoins = isFrozen ? [{ outPoint, isPersistent: true }] : [];
    const unlockedCoins = isFrozen ? [] : [outPoint];
    this.ledger.apply({ ...EMPTY_CHANGE_SET, lockedCoins, unlockedCoins });
  }

  /** Whether a transaction is said to be in a block, and what was shown of that cannot be so. */
  isDoubted(txid: Txid): boolean {
    return this.proofs.hasBroken && this.proofs.isBroken(this.ledger.transaction(txid));
  }

  /** What was found of the blocks that transactions are in; of no use where one is in another block by now. */
  noteProofs(found: readonly { readonly txid: Txid; readonly proof: ConfirmationProof }[]): void {
    const transactions = found.flatMap(({ txid, proof }): WalletTransaction[] => {
      const record = this.ledger.transaction(txid);
      if (record?.state.kind !== "confirmed" || !equalBytes(record.state.block.hash, proof.block)) return [];
      this.proofs.note(txid, proof);
      return [record];
    });
    // Each is written with its transaction.
    if (transactions.length > 0) this.#note({ ...EMPTY_CHANGE_SET, transactions });
  }

  /** Index of the address of a descriptor that is shown to be paid to, were all of those used that were paid to. */
  shownIndex(id: DescriptorId): number {
    return Math.max(this.#shown.get(id) ?? 0, this.keychain.source(id).progress.nextIndex);
  }

  /** Shows a later one. Whoever calls keeps within the gap. */
  show(id: DescriptorId, index: number): void {
    this.#shown.set(id, index);
    this.#isStateChanged = true;
  }

  /** The script at an index that is watched. */
  scriptAt(id: DescriptorId, index: number): Uint8Array | undefined {
    return this.#scriptsOf(this.keychain.source(id), index, index + 1)[0];
  }

  /** Whether a script of the account is for change. */
  isChange(script: Uint8Array): boolean {
    const owner = this.keychain.ownerOf(script);
    return owner !== undefined && this.#descriptors.get(owner.descriptorId)?.isInternal === true;
  }

  /** A change of the keychain that was made outside, to be written. */
  noteKeychain(changes: KeychainChanges): void {
    this.#noteKeychain(changes);
  }

  get state(): AccountState {
    const progress = [...this.keychain.sources].flatMap(({ progress: each }): DescriptorState[] => {
      if (!this.#descriptors.has(each.id)) return [];
      return [{ ...each, shownIndex: this.#shown.get(each.id) ?? 0, ...this.#looked.ends(each.id) }];
    });
    const frozen = [...this.ledger.lockedCoins()].map(({ outPoint }) => outPoint);
    return {
      descriptors: this.descriptors,
      progress,
      bestBlock: this.ledger.bestBlock(),
      frozen,
      farNext: this.farNext,
    };
  }

  /** What has changed since it was last asked for, to be written; `undefined` for nothing. */
  takeChanges(): ChangeSet | undefined {
    const changes = this.#changes;
    const hasChanged = this.#isStateChanged || !isEmptyChangeSet(changes);
    this.#changes = EMPTY_CHANGE_SET;
    this.#isStateChanged = false;
    return hasChanged ? changes : undefined;
  }

  /** What was asked for could not be written: it is answered again. */
  restoreChanges(changes: ChangeSet): void {
    this.#changes = mergeChangeSets(changes, this.#changes);
    this.#isStateChanged = true;
  }

  /** A payment that could not be written was never made. */
  forget(txid: Txid): void {
    const changes = removeTransactions(this.ledger, [txid]);
    if (!("error" in changes)) this.ledger.apply(changes);
  }

  #rules(nowSeconds: number): RuleContext {
    return { ownerOf: (script) => this.keychain.ownerOf(script), nowSeconds, avoidReuse: false };
  }

  #note(changes: ChangeSet): void {
    this.#changes = mergeChangeSets(this.#changes, changes);
  }

  #noteKeychain(changes: KeychainChanges): void {
    if (changes.descriptors.length + changes.scripts.length === 0) return;
    this.#note({ ...EMPTY_CHANGE_SET, ...changes });
  }

  /** Watches so far ahead, also of those that give no addresses. */
  #watch(source: ScriptSource, lookAhead: number): void {
    const before = source.progress.rangeEnd;
    const scripts = source.topUp(lookAhead, NO_SECRETS) ?? [];
    if (scripts.length === 0 && source.progress.rangeEnd === before) return;
    this.#noteKeychain(this.keychain.adopt(source, scripts));
  }

  #scriptsOf(source: ScriptSource, from: number, end: number): readonly Uint8Array[] {
    const scripts: Uint8Array[] = [];
    for (let index = from; index < end; index++) {
      const key = source.firstKeyAt(index);
      if (key !== undefined) scripts.push(Uint8Array.from(key, (character) => character.charCodeAt(0)));
    }
    return scripts;
  }

  /** Coins and spends follow from transactions and scripts, so that they are not kept. */
  *#restored({ transactions, bestBlock, frozen }: KeptAccount): Steps<ChangeSet> {
    const draft = new LedgerDraft(this.ledger, (script) => this.keychain.ownerOf(script));
    const inOrder = [...transactions].sort((a, b) => a.orderPosition - b.orderPosition);
    for (const [done, record] of inOrder.entries()) {
      draft.putTransaction(record);
      draft.addCoinsOf(record);
      yield { work: "check", done, total: inOrder.length };
    }
    if (bestBlock !== undefined) draft.setBestBlock(bestBlock);
    const lockedCoins = frozen.map((outPoint) => ({ outPoint, isPersistent: true }));
    return { ...draft.changeSet(), lockedCoins };
  }
}
