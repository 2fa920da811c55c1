import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { type HashKey, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockReference, WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { LINKED_BLOCKS_MAX } from "@bitfleet/wallet/self-custody/linked-headers.ts";

/** In so many of the newest blocks it is asked for with the next one again: a server may not have come so far. */
const FRESH_BLOCKS = 6;
/** What is doubted, or was not told since the server was busy, is asked for again at the same newest block after so long, and each time after twice as long. */
export const AGAIN_MS = 20_000;
export const AGAIN_MS_MAX = 30 * 60_000;

export interface Confirmed extends WalletTransaction {
  readonly state: Extract<WalletTransaction["state"], { kind: "confirmed" }>;
}

/** What is to be asked of a server: of `open` nothing is known, or what is known is doubted; the blocks of `alone` were seen, and may be linked. */
export interface ProofTargets {
  readonly open: readonly Confirmed[];
  readonly alone: readonly Confirmed[];
}

/** Which transactions a server is asked about, in which order, and when once more. */
export class ProofOrder {
  readonly #custody: CustodyAccount;
  readonly #nowMs: () => number;
  /** Asked about at the newest block {@link #tip}, and not to be settled at it. */
  readonly #tried = new Set<HashKey>();
  readonly #later = new Map<HashKey, { readonly dueMs: number; readonly delayMs: number }>();
  #tip: BlockReference | undefined;
  /** With how many transactions in blocks nothing was left to be asked at the newest block. */
  #doneCount: number | undefined;
  /** A server that shows nothing is to be asked nothing more at the newest block. */
  #hasProbed = false;
  /** This server does not show headers one upon the other, at the newest block. */
  isUnlinked = false;

  constructor(custody: CustodyAccount, nowMs: () => number) {
    this.#custody = custody;
    this.#nowMs = nowMs;
  }

  /** It is another server, or the chain has another newest block: all may be asked again. */
  reset(tip?: BlockReference): void {
    this.#tip = tip;
    this.#tried.clear();
    this.#later.clear();
    this.#doneCount = undefined;
    this.#hasProbed = false;
    this.isUnlinked = false;
  }

  /** What is to be asked now, each in the order in which it matters; `undefined` for nothing. */
  targets(tip: BlockReference): ProofTargets | undefined {
    if (this.#tip === undefined || !equalBytes(tip.hash, this.#tip.hash)) this.reset(tip);
    const { ledger, proofs } = this.#custody;
    const { transactions, unconfirmed } = ledger.counts();
    const count = transactions - unconfirmed;
    const isDue = [...this.#later.values()].some(({ dueMs }) => dueMs <= this.#nowMs());
    if (this.#doneCount === count && !isDue) return undefined;
    const targets = proofs.isServerMute ? this.#probe(tip) : this.#all(tip);
    const isDone = targets.open.length + targets.alone.length === 0;
    this.#doneCount = isDone ? count : undefined;
    return isDone ? undefined : targets;
  }

  /** The server has answered about one, at the newest block: what is doubted is asked for again after a while, all else with the next block at most. */
  noteAsked(txid: Txid, isDoubted: boolean): void {
    if (isDoubted) {
      this.putOff(txid);
    } else {
      this.#tried.add(hashKey(txid));
      this.#later.delete(hashKey(txid));
    }
  }

  /** The server shows nothing: nothing more is to be asked at the newest block. */
  noteMute(): void {
    this.#hasProbed = true;
  }

  /** It is to be asked for again, later. */
  putOff(txid: Txid): void {
    const before = this.#later.get(hashKey(txid));
    const delayMs = before === undefined ? AGAIN_MS : Math.min(AGAIN_MS_MAX, before.delayMs * 2);
    this.#later.set(hashKey(txid), { dueMs: this.#nowMs() + delayMs, delayMs });
  }

  /** A server that shows nothing may have had nothing to show of the first ones, or only then: it is asked about one that it was not asked about with each block. */
  #probe(tip: BlockReference): ProofTargets {
    const { open, alone } = this.#all(tip);
    const probe = this.#hasProbed ? [] : open.slice(0, 1);
    this.#hasProbed = true;
    return { open: probe, alone };
  }

  #all(tip: BlockReference): ProofTargets {
    const { ledger, proofs } = this.#custody;
    const unspent = new Set<HashKey>();
    for (const { outPoint, height } of ledger.unspentCoins())
      if (height !== undefined) unspent.add(hashKey(outPoint.txid));
    const [first, then, last, alone]: [Confirmed[], Confirmed[], Confirmed[], Confirmed[]] = [[], [], [], []];
    for (const record of ledger.transactionsSince(0)) {
      if (!isConfirmed(record)) continue;
      const standing = proofs.of(record);
      if (standing === "linked") continue;
      const { height } = record.state.block;
      if (standing === "alone") {
        if (!this.isUnlinked && height >= lowestLinked(tip)) alone.push(record);
        continue;
      }
      const wasUnshown = standing === "unprovable" && proofs.isUnshown(record);
      if (wasUnshown && (proofs.isServerMute || height <= tip.height - FRESH_BLOCKS)) continue;
      if (!this.#isDue(hashKey(record.txid))) continue;
      // A server that shows nothing is asked first about what it was not asked about.
      const isLast = proofs.isServerMute && standing === "broken";
      (isLast ? last : unspent.has(hashKey(record.txid)) ? first : then).push(record);
    }
    const open = [first, then, last].flatMap((records) => records.sort(newestFirst));
    return { open, alone: alone.sort(newestFirst) };
  }

  #isDue(key: HashKey): boolean {
    const later = this.#later.get(key);
    return !this.#tried.has(key) && (later === undefined || later.dueMs <= this.#nowMs());
  }
}

const isConfirmed = (record: WalletTransaction): record is Confirmed => record.state.kind === "confirmed";

const newestFirst = (a: Confirmed, b: Confirmed) => b.state.block.height - a.state.block.height;

/** Height of the lowest block that is looked at one upon the other. */
export const lowestLinked = ({ height }: BlockReference): number => Math.max(0, height + 1 - LINKED_BLOCKS_MAX);

/** Height of the lowest block that is to be linked; above the newest where there is none. */
export function lowestOf(records: readonly Confirmed[], tip: BlockReference): number {
  const end = lowestLinked(tip);
  return records.reduce((lowest, { state }) => {
    return state.block.height < end ? lowest : Math.min(lowest, state.block.height);
  }, tip.height + 1);
}
