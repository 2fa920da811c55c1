import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { type BlockHash, type HashKey, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { WalletTransaction } from "../ledger/wallet-transaction.ts";

/**
 * What was found of a transaction's block. `linked`: it is in the block, whose header has its work, as have those from there to the newest one. `alone`: the same,
 * but of the blocks upon it nothing is known. `broken`: what the server shows of it cannot be so.
 */
export type ProofKind = "linked" | "alone" | "broken";

export interface ConfirmationProof {
  /** In this block. In another one the transaction must be proved anew. */
  readonly block: BlockHash;
  readonly kind: ProofKind;
}

/** `unprovable`: the server does not show it. `open`: nobody has asked yet. */
export type ProofStanding = ProofKind | "unprovable" | "open";

type Confirmed = Pick<WalletTransaction, "txid" | "state">;

/** What was found of the blocks of an account's transactions. A reorganisation throws away what it is about: that was of another block. */
export class ConfirmationProofs {
  readonly #proofs = new Map<HashKey, ConfirmationProof>();
  /** Those that this server does not show, with the block that it names. Not kept: another server may. */
  readonly #unprovable = new Map<HashKey, BlockHash>();
  /** This server shows nothing of the kind. */
  isServerMute = false;
  #brokenCount = 0;

  /** What is known of the block that a transaction is said to be in; `undefined` where it is in none. */
  of(record: Confirmed): ProofStanding | undefined {
    const { txid, state } = record;
    if (state.kind !== "confirmed") return undefined;
    const proof = this.#proofs.get(hashKey(txid));
    if (proof !== undefined && equalBytes(proof.block, state.block.hash)) return proof.kind;
    return this.isServerMute || this.isUnshown(record) ? "unprovable" : "open";
  }

  /** Whether there may be one that {@link isBroken}: seldom. */
  get hasBroken(): boolean {
    return this.#brokenCount > 0;
  }

  /** Whether a transaction that is said to be confirmed is not to be taken for it. */
  isBroken(record: Confirmed | undefined): boolean {
    return record !== undefined && this.of(record) === "broken";
  }

  /** As it was found last, whatever block it is of. */
  kept(txid: Txid): ConfirmationProof | undefined {
    return this.#proofs.get(hashKey(txid));
  }

  note(txid: Txid, proof: ConfirmationProof): void {
    const key = hashKey(txid);
    if (this.#proofs.get(key)?.kind === "broken") this.#brokenCount--;
    if (proof.kind === "broken") this.#brokenCount++;
    this.#proofs.set(key, proof);
    this.#unprovable.delete(key);
  }

  noteUnprovable(txid: Txid, block: BlockHash): void {
    this.#unprovable.set(hashKey(txid), block);
  }

  /** Whether this server was asked about a transaction, and did not show its block. */
  isUnshown({ txid, state }: Confirmed): boolean {
    const block = this.#unprovable.get(hashKey(txid));
    return block !== undefined && state.kind === "confirmed" && equalBytes(block, state.block.hash);
  }

  /** It is another server now. */
  forgetUnprovable(): void {
    this.isServerMute = false;
    this.#unprovable.clear();
  }

  clear(): void {
    this.#proofs.clear();
    this.forgetUnprovable();
    this.#brokenCount = 0;
  }
}
