import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type HashKey, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { Keychain, type KeychainChanges } from "@bitfleet/wallet/keychain/keychain.ts";
import type { RuleContext } from "@bitfleet/wallet/ledger/add-transaction.ts";
import type { AddressBookEntry } from "@bitfleet/wallet/ledger/address-book.ts";
import {
  type BlockFacts,
  blockConnected,
  blockDisconnected,
  blockRescanned,
  type PositionedTransaction,
} from "@bitfleet/wallet/ledger/chain-rules.ts";
import {
  type ChangeSet,
  EMPTY_CHANGE_SET,
  isEmptyChangeSet,
  mergeChangeSets,
} from "@bitfleet/wallet/ledger/change-set.ts";
import { LedgerCache } from "@bitfleet/wallet/ledger/ledger-cache.ts";
import { mempoolForgotten, transactionRemoved, transactionSeen } from "@bitfleet/wallet/ledger/mempool-rules.ts";
import { transactionCreated } from "@bitfleet/wallet/ledger/own-rules.ts";
import {
  mattersInMempool,
  type ScanDependencies,
  scanBlock,
  scanDisconnectedBlock,
} from "@bitfleet/wallet/ledger/scan-block.ts";
import type { QueryContext } from "@bitfleet/wallet/ledger/trust.ts";
import type {
  BlockReference,
  TransactionNotes,
  WalletTransaction,
} from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { MusigNonces } from "@bitfleet/wallet/signing/musig-nonces.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Mempool } from "../mempool/mempool.ts";
import type { Clock, JobScheduler, Logger, Random } from "../ports.ts";
import { ScanState } from "./scan-state.ts";
import type { PassphraseScope } from "./storage/change-passphrase.ts";
import type { Passphrase } from "./storage/passphrase-key.ts";
import type { WalletDatabase } from "./storage/wallet-database.ts";
import type { WalletEvent } from "./wallet-feed.ts";
import { WalletFlag } from "./wallet-flags.ts";
import { WalletSecrets } from "./wallet-secrets.ts";

/** How a wallet behaves: `-keypool`, `-spendzeroconfchange`. */
export interface WalletBehaviour {
  readonly keypoolSize: number;
  readonly spendsUnconfirmedChange: boolean;
  /** What passphrases protect: `-walletfileprotection`. */
  readonly passphraseScope: PassphraseScope;
}

export interface NodeWalletDependencies {
  readonly mempool: Pick<Mempool, "entries" | "get">;
  readonly clock: Clock;
  /** For what ends by itself after some time. */
  readonly scheduler: Pick<JobScheduler, "after">;
  readonly random: Pick<Random, "bytes">;
  /** The wallet's own, which names it in each line. */
  readonly log: Logger;
  readonly secp256k1: Secp256k1;
  readonly prefixes: AddressPrefixes;
  /** Told of transactions of the wallet that came into the mempool or a block, left a block, or were found in an old one. */
  readonly onTransaction: (wallet: NodeWallet, transaction: WalletTransaction) => void;
}

/** Seconds: a wallet whose keys are as old as this has none. */
export const UNKNOWN_BIRTH_TIME = Number.MAX_SAFE_INTEGER;

const OLDEST_TRANSACTION_SETTING = "oldest-transaction";
/** Where a wallet keeps its flags. */
export const FLAGS_SETTING = "flags";

/**
 * A wallet that is loaded: its database, its keys and descriptors, and what chain and mempool do to it. Everything that changes it is
 * written before it shows. How addresses are given out, payments made and descriptors imported is in files of their own.
 */
export class NodeWallet {
  readonly name: string;
  readonly log: Logger;
  readonly database: WalletDatabase;
  readonly ledger: LedgerCache;
  readonly secrets: WalletSecrets;
  readonly keychain: Keychain;
  /** Of signatures that are being made together with others, also while the wallet is locked. */
  readonly musigNonces: MusigNonces;
  readonly scan: ScanState;
  readonly deps: NodeWalletDependencies;
  readonly behaviour: WalletBehaviour;
  /** Seconds: when the wallet locks itself again; 0 while it is locked. */
  unlockedUntil = 0;
  /** Ends what would lock the wallet by itself. */
  cancelRelock: (() => void) | undefined;
  #flags: bigint;
  /** Changes of the keychain since the last {@link #apply}. */
  #keychainChanges: KeychainChanges[] = [];
  #passed: Uint8Array[] = [];
  /** Transactions that are on their way to the mempool. */
  readonly #justCreated = new Set<HashKey>();
  /** Seconds; as far as it is older than the descriptors. */
  #oldestTransactionTime: number;

  /** Reads what is stored. Throws `WalletStorageError`, or `Error` where a descriptor cannot be read. */
  constructor(name: string, database: WalletDatabase, behaviour: WalletBehaviour, deps: NodeWalletDependencies) {
    const { secp256k1, prefixes } = deps;
    this.name = name;
    this.database = database;
    this.behaviour = behaviour;
    this.deps = deps;
    this.log = deps.log;
    this.scan = new ScanState(deps.clock);
    this.#flags = BigInt((database.settings.getJson(FLAGS_SETTING) as string | undefined) ?? "0");
    this.secrets = new WalletSecrets(database.vault, secp256k1);
    this.keychain = new Keychain({ lookAhead: behaviour.keypoolSize }, { secp256k1, prefixes, secrets: this.secrets });
    this.rereadKeychain();
    this.ledger = new LedgerCache(database.ledger);
    this.musigNonces = new MusigNonces({ randomBytes: (size) => deps.random.bytes(size) });
    this.#oldestTransactionTime =
      (database.settings.getJson(OLDEST_TRANSACTION_SETTING) as number | undefined) ?? UNKNOWN_BIRTH_TIME;
  }

  /** Takes in the descriptors and scripts that are stored. */
  rereadKeychain(): void {
    const { descriptors, scripts } = this.database;
    for (const { record, progress } of descriptors.all()) {
      const nothing = { id: record.id, nextIndex: 0, rangeStart: 0, rangeEnd: 0 };
      this.keychain.load(record, progress ?? nothing);
    }
    for (const derived of scripts.all()) this.keychain.loadScript(derived);
  }

  get flags(): bigint {
    return this.#flags;
  }

  has(flag: bigint): boolean {
    return (this.#flags & flag) !== 0n;
  }

  setFlags(flags: bigint): void {
    this.database.settings.putJson(FLAGS_SETTING, flags.toString());
    this.#flags = flags;
  }

  /** The block up to which the wallet has seen the chain. */
  get bestBlock(): BlockReference {
    return this.ledger.bestBlock()!;
  }

  /** Seconds: no transaction of the wallet is older. {@link UNKNOWN_BIRTH_TIME} where it has neither descriptors nor transactions. */
  get birthTime(): number {
    return [...this.keychain.sources].reduce(
      (oldest, { record }) => Math.min(oldest, record.createdAt),
      this.#oldestTransactionTime,
    );
  }

  get nowSeconds(): number {
    return Math.floor(this.deps.clock.nowMs() / 1000);
  }

  /** What queries of the ledger are told. */
  queryContext(): QueryContext {
    const { spendsUnconfirmedChange } = this.behaviour;
    return { tipHeight: this.bestBlock.height, spendsUnconfirmedChange, avoidReuse: this.has(WalletFlag.avoidReuse) };
  }

  /** What rules of the ledger are told. */
  ruleContext(): RuleContext {
    const ownerOf = (script: Uint8Array) => this.keychain.ownerOf(script);
    return { ownerOf, nowSeconds: this.nowSeconds, avoidReuse: this.has(WalletFlag.avoidReuse) };
  }

  /** Writes a change of the wallet, with what changed in its keychain by the way. */
  apply(changes: ChangeSet, keychainChanges: readonly KeychainChanges[] = []): void {
    let all = changes;
    for (const { descriptors, scripts } of [...this.#keychainChanges, ...keychainChanges]) {
      all = mergeChangeSets(all, { ...EMPTY_CHANGE_SET, descriptors, scripts });
    }
    const addressBook = this.#entriesOfPassed();
    if (addressBook.length > 0) all = mergeChangeSets({ ...EMPTY_CHANGE_SET, addressBook }, all);
    this.#keychainChanges = [];
    this.#passed = [];
    if (!isEmptyChangeSet(all)) this.ledger.apply(all);
  }

  /** Takes in what happened to chain and mempool, in one commit. Throws `WalletStorageError`: then the wallet must be loaded anew. */
  takeEvents(events: readonly WalletEvent[]): void {
    this.database.transaction(() => {
      let best: BlockReference | undefined;
      for (const event of events) best = this.#take(event) ?? best;
      if (best !== undefined) this.apply({ ...EMPTY_CHANGE_SET, bestBlock: best });
    });
  }

  /** Takes in a block that the chain has had for some time. */
  takeOldBlock(entry: BlockIndexEntry, block: Block): void {
    this.takeOldTransactions(entry, scanBlock(block.transactions, this.#scanDependencies()));
  }

  /** Takes in what a block that the chain has had for some time holds of the wallet. */
  takeOldTransactions(entry: BlockIndexEntry, found: readonly PositionedTransaction[]): void {
    if (found.length === 0) {
      this.apply(EMPTY_CHANGE_SET);
      return;
    }
    this.#applyAndTell(blockRescanned(this.ledger, factsOf(entry), found, this.ruleContext()), txidsOf(found));
  }

  /** Looks at everything in the mempool. */
  takeMempool(): void {
    this.database.transaction(() => {
      // Parents first, which after a reorganisation may have come later: what spends the wallet's coins can show in nothing else.
      const counted = [...this.deps.mempool.entries()].map(({ tx, ancestorCount }) => ({ tx, ancestorCount }));
      counted.sort((a, b) => a.ancestorCount - b.ancestorCount);
      for (const { tx } of counted) this.#takeSeen(tx);
    });
  }

  /** The block that a transaction stands in, the chain's tip for one that stands in none: as the wallet knows it. */
  transaction(txid: Txid): WalletTransaction | undefined {
    return this.ledger.transaction(txid);
  }

  /**
   * Takes in a transaction that the wallet made, which is told at once; that the mempool takes it right after is no news.
   */
  takeCreated(tx: Transaction, notes: TransactionNotes): void {
    this.#justCreated.add(hashKey(tx.txid));
    this.#applyAndTell(transactionCreated(this.ledger, tx, notes, this.ruleContext()), [tx.txid]);
  }

  /** What the mempool makes of it from now on is news. */
  settleCreated(txid: Txid): void {
    this.#justCreated.delete(hashKey(txid));
  }

  /** Watches as many addresses ahead as it should. False where that takes locked keys. */
  topUp(lookAhead?: number): boolean {
    const { changes, isComplete } = this.keychain.topUp(lookAhead);
    this.apply(EMPTY_CHANGE_SET, [changes]);
    return isComplete;
  }

  get isLocked(): boolean {
    return this.secrets.isLocked;
  }

  /** Has the private keys at hand until {@link lock}. Rejects with `WalletStorageError`: `wrong-passphrase`. */
  async unlock(passphrase: Passphrase): Promise<void> {
    await this.database.vault.unlock(passphrase);
    this.secrets.noteUnlocked();
    this.topUp();
  }

  /** Overwrites the private keys in memory; nothing where there is no passphrase. */
  lock(): void {
    this.unlockedUntil = 0;
    this.cancelRelock?.();
    this.cancelRelock = undefined;
    this.database.vault.lock();
    this.secrets.refresh();
  }

  /** Ends what is under way and closes the files. */
  async close(): Promise<void> {
    this.scan.abort();
    this.cancelRelock?.();
    this.secrets.clear();
    this.musigNonces.clear();
    await this.database.close();
  }

  /** Answers the new best block, where it is one of nothing else. */
  #take(event: WalletEvent): BlockReference | undefined {
    switch (event.type) {
      case "block-connected": {
        const found = scanBlock(event.block.transactions, this.#scanDependencies());
        if (found.length === 0) return referenceOf(event.entry);
        const changes = blockConnected(this.ledger, factsOf(event.entry), found, this.ruleContext());
        this.#applyAndTell(changes, txidsOf(found));
        return referenceOf(event.entry);
      }
      case "block-disconnected": {
        const found = scanDisconnectedBlock(event.block.transactions, this.#scanDependencies());
        const changes = blockDisconnected(this.ledger, factsOf(event.entry), found, this.ruleContext());
        this.#applyAndTell(changes, txidsOf(found));
        return referenceOf(event.entry.previous!);
      }
      case "transaction-added":
        this.#takeSeen(event.tx);
        return undefined;
      case "transaction-removed":
        if (mattersInMempool(event.tx, this.#scanDependencies())) {
          // As in Core, users hear of what a block excludes, and not of what is replaced or has expired.
          const told = event.reason === "conflict" ? [event.tx.txid] : [];
          this.#applyAndTell(transactionRemoved(this.ledger, event.tx, event.reason), told);
        }
        return undefined;
      case "mempool-lost":
        this.#applyAndTell(
          mempoolForgotten(this.ledger, (txid) => this.deps.mempool.get(txid) !== undefined),
          [],
        );
        this.takeMempool();
        return undefined;
    }
  }

  #takeSeen(tx: Transaction): void {
    if (!mattersInMempool(tx, this.#scanDependencies())) return;
    this.#applyAndTell(transactionSeen(this.ledger, tx, this.ruleContext()), [tx.txid]);
  }

  /** Writes what came of an event, and tells of the transactions that it was about, changed or not. */
  #applyAndTell(changes: ChangeSet, txids: readonly Txid[]): void {
    const known = new Map(changes.transactions.map((record) => [record, this.ledger.transaction(record.txid)]));
    this.apply(changes);
    for (const [record, before] of known) {
      if (before === undefined) this.#noteTime(record);
      if (before === undefined) this.log.info(`AddToWallet ${displayHash(record.txid)}  new`);
      else if (before.state.kind === record.state.kind && before.wtxid === record.wtxid) continue;
      else this.log.info(`AddToWallet ${displayHash(record.txid)}  update`);
    }
    for (const txid of txids) {
      const record = this.ledger.transaction(txid);
      const isNoNews = record?.state.kind === "in-mempool" && this.#justCreated.has(hashKey(txid));
      if (record !== undefined && !isNoNews) this.deps.onTransaction(this, record);
    }
  }

  /** Keys are as old as what was paid to them, whatever was said when they were imported. */
  #noteTime({ timeSmart }: WalletTransaction): void {
    if (timeSmart >= this.birthTime) return;
    this.database.settings.putJson(OLDEST_TRANSACTION_SETTING, timeSmart);
    this.#oldestTransactionTime = timeSmart;
  }

  #scanDependencies(): ScanDependencies {
    return { ledger: this.ledger, keychain: { noteIfOwned: (script) => this.#noteIfOwned(script) } };
  }

  #noteIfOwned(script: Uint8Array): boolean {
    const owner = this.keychain.ownerOf(script);
    if (owner === undefined) return false;
    const { changes, passed, isToppedUp } = this.keychain.markUsed(script);
    if (changes.descriptors.length + changes.scripts.length > 0) this.#keychainChanges.push(changes);
    if (passed.length > 0) {
      const what = `Detected a used keypool item at index ${owner.index}, mark all keypool items up to this item as used`;
      this.log.info(`MarkUnusedAddresses: ${what}`);
      const isExternal = this.keychain.source(owner.descriptorId).record.activeFor?.isInternal === false;
      if (isExternal) this.#passed.push(...passed);
    }
    if (!isToppedUp) this.log.info("MarkUnusedAddresses: Topping up keypool failed (locked wallet)");
    return true;
  }

  /** Addresses that were paid to though nobody had asked for them here were given out by another copy of the wallet. */
  #entriesOfPassed(): AddressBookEntry[] {
    return this.#passed
      .filter((script) => this.ledger.addressBookEntry(script)?.label === undefined)
      .map((script) => {
        const isUsed = this.ledger.addressBookEntry(script)?.isUsed ?? false;
        return { script, label: "", purpose: "receive", isUsed };
      });
  }
}

function factsOf(entry: BlockIndexEntry): BlockFacts {
  const { hash, height, time, timeMax } = entry;
  return { hash, height, time, maxTime: timeMax, previousHash: entry.previous?.hash ?? hash };
}

function txidsOf(found: readonly PositionedTransaction[]): readonly Txid[] {
  return found.map(({ transaction }) => transaction.txid);
}

function referenceOf({ hash, height }: BlockIndexEntry): BlockReference {
  return { hash, height };
}
