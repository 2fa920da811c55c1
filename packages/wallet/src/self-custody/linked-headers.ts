import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { permittedDifficultyTransition } from "@bitfleet/protocol/consensus/pow.ts";
import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockReference } from "../ledger/wallet-transaction.ts";
import { headerFromServer, type ProofFlaw } from "./block-proof.ts";

/** Blocks from the newest one down whose headers are looked at: on the main network two weeks. Whoever makes up a payment must make up all that is upon it. */
export const LINKED_BLOCKS_MAX = 2016;

/** `bits`: the difficulty may not change so there. */
export type LinkFlaw = ProofFlaw | "bits";

/**
 * Headers from a newest block down, each with its work and linked to the one above. Those of earlier newest blocks are known, so that only what is new is
 * asked for, and after a reorganisation what it changed.
 */
export class LinkedHeaders {
  readonly #params: ConsensusParams;
  readonly #known = new Map<HashKey, BlockHeader>();
  /** The newest first. */
  #line: BlockHeader[] = [];
  #tip: BlockReference;

  constructor(tip: BlockReference, params: ConsensusParams) {
    this.#params = params;
    this.#tip = tip;
  }

  get tip(): BlockReference {
    return this.#tip;
  }

  /** From another newest block on. */
  begin(tip: BlockReference): void {
    if (equalBytes(tip.hash, this.#tip.hash)) return;
    this.#tip = tip;
    this.#line = [];
    this.#adopt();
  }

  /** Height of the highest block whose header is not here. */
  get nextHeight(): number {
    return this.#tip.height - this.#line.length;
  }

  /** Hash of the block at {@link nextHeight}, as the one above says. */
  get nextHash(): BlockHash {
    return this.#line.at(-1)?.previousBlockHash ?? this.#tip.hash;
  }

  /** Of the block at a height below the newest one; `undefined` above it, and where the headers do not reach down to it. */
  headerAt(height: number): BlockHeader | undefined {
    return this.#line[this.#tip.height - height];
  }

  /** Takes the header at {@link nextHeight}, or says why it does not follow. */
  take(bytes: Uint8Array): LinkFlaw | undefined {
    const wanted = { hash: this.nextHash, height: this.nextHeight };
    const header = headerFromServer(bytes, wanted, this.#params);
    if (typeof header === "string") return header;
    if (!this.#follows(header)) return "bits";
    this.#known.set(hashKey(header.hash), header);
    this.#line.push(header);
    this.#adopt();
    return undefined;
  }

  #follows({ bits }: BlockHeader): boolean {
    const above = this.#line.at(-1);
    // Signets of somebody's own bear the public one's name, and may have another pace, with other periods.
    if (above === undefined || this.#params.network === "signet") return true;
    return permittedDifficultyTransition(this.#params, this.nextHeight + 1, bits, above.bits);
  }

  /** Goes on down by what is known. */
  #adopt(): void {
    for (let next = this.#known.get(hashKey(this.nextHash)); next !== undefined; ) {
      if (this.#line.length >= LINKED_BLOCKS_MAX || !this.#follows(next)) break;
      this.#line.push(next);
      next = this.#known.get(hashKey(this.nextHash));
    }
    if (this.#known.size <= 2 * LINKED_BLOCKS_MAX) return;
    this.#known.clear();
    for (const header of this.#line) this.#known.set(hashKey(header.hash), header);
  }
}
