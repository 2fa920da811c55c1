import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { OutPoint, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { BumpableTransaction, BumpingWallet } from "../building/bump-request.ts";
import type { AddressType } from "../building/change-type.ts";
import type { NodeFees } from "../building/fee-policy.ts";
import type { ChainTip } from "../building/fee-sniping.ts";
import type { ChangeReservation, SpendingSettings } from "../building/spending-wallet.ts";
import { WalletCoins } from "../building/wallet-coins.ts";
import type { DescriptorUse } from "../keychain/descriptor-record.ts";
import { isSpent } from "../ledger/trust.ts";
import type { ScriptOwner } from "../ledger/wallet-coin.ts";
import { depthOf, transactionOf, type WalletTransaction } from "../ledger/wallet-transaction.ts";
import { AncestorBumpFees, type WaitingTransaction } from "../selection/ancestor-bump-fees.ts";
import type { Coin } from "../selection/coin.ts";
import type { RandomSource } from "../selection/random.ts";
import type { CustodyAccount } from "./custody-account.ts";

/** What spending from an account takes besides it. */
export interface SpendingFacts {
  readonly settings: SpendingSettings;
  readonly node: NodeFees;
  readonly tip: ChainTip;
  readonly random: RandomSource;
  /** What a transaction of the mempool pays, where that is known. */
  feeOf(txid: Txid): Sats | undefined;
  /** Transactions of others in the mempool on which the account's depend, with all of their own; none where nobody asked. */
  readonly ancestors?: readonly WaitingTransaction[] | undefined;
}

/**
 * An account as the building of one payment sees it. Addresses for change that it gave out meanwhile are given back by {@link release}: whoever
 * builds ends with that, whatever happens, since nothing is kept until a payment is signed.
 */
export class CustodySpending implements BumpingWallet {
  readonly settings: SpendingSettings;
  readonly node: NodeFees;
  readonly tip: ChainTip;
  readonly random: RandomSource;
  readonly secp256k1: Secp256k1;
  readonly #account: CustodyAccount;
  readonly #facts: SpendingFacts;
  readonly #coins: WalletCoins;
  readonly #waiting: ReadonlyMap<HashKey, WalletTransaction>;
  readonly #reserved: ScriptOwner[] = [];

  constructor(account: CustodyAccount, facts: SpendingFacts) {
    const { ledger, keychain, context, query, signs } = account;
    this.#account = account;
    this.#facts = facts;
    this.settings = facts.settings;
    this.node = facts.node;
    this.tip = facts.tip;
    this.random = facts.random;
    this.secp256k1 = context.secp256k1;
    const waiting = [...ledger.unconfirmedTransactions()].filter(({ state }) => state.kind === "in-mempool");
    this.#waiting = new Map(waiting.map((record) => [hashKey(record.txid), record]));
    const family = (txid: Txid) => this.#familyOf(txid);
    this.#coins = new WalletCoins({ ledger, keychain, query, context, signatures: { useMaxSig: !signs }, family });
  }

  spendableCoins(): readonly Coin[] {
    return this.#coins.spendable();
  }

  coin(outPoint: OutPoint): Coin | undefined {
    return this.#coins.coin(outPoint);
  }

  isSpent(outPoint: OutPoint): boolean {
    return isSpent(this.#account.ledger, outPoint);
  }

  hasChangeType(addressType: AddressType): boolean {
    return this.#account.keychain.activeSource({ addressType, isInternal: true }) !== undefined;
  }

  /** Without a descriptor for change it goes to an address to receive by, as with every wallet that has but one chain. */
  reserveChange(addressType: AddressType): ChangeReservation | { readonly error: string } {
    const { keychain } = this.#account;
    const taken = keychain.take(this.#changeUse(addressType));
    if ("error" in taken) return this.#firstAddress() ?? taken;
    this.#reserved.push(taken.owner);
    this.#account.noteKeychain(taken.changes);
    return { scriptPubKey: taken.script, keep: () => {}, release: () => {} };
  }

  /** Gives back the addresses for change: they are taken for good where the payment is made. */
  release(): void {
    for (const owner of this.#reserved.splice(0).reverse())
      this.#account.noteKeychain(this.#account.keychain.giveBack(owner));
  }

  inputWeightOf(scriptPubKey: Uint8Array): number | undefined {
    return this.#coins.spendingOf(scriptPubKey)?.inputWeight;
  }

  bumpFees(outPoints: readonly OutPoint[], feerateSatPerKvb: Sats): readonly Sats[] {
    const fees = this.#bumpFees(outPoints, feerateSatPerKvb);
    return outPoints.map((outPoint) => fees.of(outPoint));
  }

  combinedBumpFee(outPoints: readonly OutPoint[], feerateSatPerKvb: Sats): Sats {
    return this.#bumpFees(outPoints, feerateSatPerKvb).ofAll(outPoints);
  }

  bumpable(txid: Txid): BumpableTransaction | undefined {
    const { ledger, query } = this.#account;
    const record = ledger.transaction(txid);
    if (record === undefined) return undefined;
    const tx = transactionOf(record);
    return {
      tx,
      depth: depthOf(record, query.tipHeight),
      hasWalletDescendants: tx.outputs.some((_, index) => this.isSpent({ txid, index })),
      hasMempoolDescendants: false,
      replacedBy: this.#heldReplacement(record),
    };
  }

  isChange({ scriptPubKey }: TxOutput): boolean {
    return this.#account.isChange(scriptPubKey);
  }

  unspentOutput(outPoint: OutPoint): TxOutput | undefined {
    const coin = this.#account.ledger.coin(outPoint);
    if (coin === undefined || coin.spentHeight !== undefined) return undefined;
    return { value: coin.value, scriptPubKey: coin.script };
  }

  /** What replaced it, as long as that may still be confirmed: one that was given up or refused replaces nothing. */
  #heldReplacement({ notes }: WalletTransaction): Txid | undefined {
    const { replacedBy } = notes;
    const record = replacedBy && this.#account.ledger.transaction(replacedBy);
    const isHeld = record !== undefined && (record.state.kind === "in-mempool" || record.state.kind === "confirmed");
    return isHeld ? replacedBy : undefined;
  }

  /** Of the type that is asked for, where the account has it for change; else whatever it has for that, else what it receives by. */
  #changeUse(addressType: AddressType): DescriptorUse {
    if (this.hasChangeType(addressType)) return { addressType, isInternal: true };
    const uses = this.#account.keychain.activeSources().map(({ record }) => record.activeFor!);
    return uses.find(({ isInternal }) => isInternal) ?? uses[0] ?? { addressType, isInternal: false };
  }

  /** The same each time: of an account that watches nothing but single addresses. */
  #firstAddress(): ChangeReservation | undefined {
    for (const { progress, addressType } of this.#account.keychain.sources) {
      const script = addressType && this.#account.scriptAt(progress.id, progress.rangeStart);
      if (script) return { scriptPubKey: script, keep: () => {}, release: () => {} };
    }
    return undefined;
  }

  #bumpFees(outPoints: readonly OutPoint[], feerateSatPerKvb: Sats): AncestorBumpFees {
    const replaced = new Set<HashKey>();
    for (const outPoint of outPoints) this.#addFamilyOfSpender(outPoint, replaced);
    const own = [...this.#waiting.values()].filter(({ txid }) => !replaced.has(hashKey(txid)));
    const others = this.#facts.ancestors ?? [];
    const known = new Set(own.map(({ txid }) => hashKey(txid)));
    const waiting = own.map((record) => this.#waitingTransaction(record));
    return new AncestorBumpFees(
      [...waiting, ...others.filter(({ txid }) => !known.has(hashKey(txid)))],
      feerateSatPerKvb,
    );
  }

  /** An output that something in the mempool spends is wanted for a replacement: its spender, and what depends on that, do not count. */
  #addFamilyOfSpender(outPoint: OutPoint, found: Set<HashKey>): void {
    for (const txid of this.#account.ledger.spendersOf(outPoint)) {
      const record = this.#waiting.get(hashKey(txid));
      if (record === undefined || found.has(hashKey(txid))) continue;
      found.add(hashKey(txid));
      const { outputs } = transactionOf(record);
      for (const index of outputs.keys()) this.#addFamilyOfSpender({ txid, index }, found);
    }
  }

  /** One whose fee nobody told counts as paying what is asked: nothing is added for what is not known. */
  #waitingTransaction(record: WalletTransaction): WaitingTransaction {
    const tx = transactionOf(record);
    const fee = this.#facts.feeOf(record.txid) ?? BigInt(tx.virtualSize) * FEE_UNKNOWN_SAT_PER_VB;
    const parents = new Map(tx.inputs.map(({ previousOutput: { txid } }) => [hashKey(txid), txid]));
    return { txid: record.txid, fee, virtualSize: tx.virtualSize, parents: [...parents.values()] };
  }

  /** Of the account's own transactions: what others build upon is not known here. */
  #familyOf(txid: Txid): { readonly ancestorCount: number; readonly clusterCount: number } {
    if (!this.#waiting.has(hashKey(txid))) return { ancestorCount: 0, clusterCount: 0 };
    const ancestors = this.#reached(txid, (record) =>
      transactionOf(record).inputs.map(({ previousOutput }) => previousOutput.txid),
    );
    const cluster = this.#reached(txid, (record) => {
      const { inputs, outputs } = transactionOf(record);
      const children = outputs.flatMap((_, index) => this.#account.ledger.spendersOf({ txid: record.txid, index }));
      return [...inputs.map(({ previousOutput }) => previousOutput.txid), ...children];
    });
    return { ancestorCount: ancestors, clusterCount: cluster };
  }

  #reached(from: Txid, next: (record: WalletTransaction) => readonly Txid[]): number {
    const found = new Set<HashKey>();
    const open = [from];
    for (let txid = open.pop(); txid !== undefined; txid = open.pop()) {
      const record = this.#waiting.get(hashKey(txid));
      if (record === undefined || found.has(hashKey(txid))) continue;
      found.add(hashKey(txid));
      open.push(...next(record));
    }
    return found.size;
  }
}

/** More than any miner turns down. */
const FEE_UNKNOWN_SAT_PER_VB = 1_000_000n;
