import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type Descriptor, descriptorText, expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { socketTurn } from "../../turns.ts";

/** Scripts that are remembered, some megabytes of them. */
export const DERIVED_SCRIPTS_MAX = 20_000;
/** Indexes derived between two turns of the event loop: some milliseconds. */
const INDEXES_PER_TURN = 8;

/** None: descriptors with private keys are refused before. */
const NO_SECRETS = new SigningMaterial();

/**
 * Derives the scripts of public descriptors, and remembers those of the last ones in memory: who reads a list in parts asks for the same
 * ones each time.
 */
export class DerivedScripts {
  /** By the text of the descriptor, then by index; the longest unused first. */
  readonly #known = new Map<string, Map<number, readonly Uint8Array[]>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The scripts at each of the indexes; `undefined` where a private key is wanting. */
  async at(
    descriptor: Descriptor,
    first: number,
    last: number,
    secp256k1: Secp256k1,
  ): Promise<(readonly Uint8Array[])[] | undefined> {
    const known = this.#ofDescriptor(descriptorText(descriptor));
    const found: (readonly Uint8Array[])[] = [];
    let derivedCount = 0;
    for (let index = first; index <= last; index++) {
      let scripts = known.get(index);
      if (scripts === undefined) {
        scripts = expandDescriptor(descriptor, index, { secp256k1, secrets: NO_SECRETS })?.scripts;
        if (scripts === undefined) return undefined;
        this.#remember(known, index, scripts);
        if (++derivedCount % INDEXES_PER_TURN === 0) await socketTurn();
      }
      found.push(scripts);
    }
    return found;
  }

  #ofDescriptor(text: string): Map<number, readonly Uint8Array[]> {
    const known = this.#known.get(text) ?? new Map<number, readonly Uint8Array[]>();
    this.#known.delete(text);
    this.#known.set(text, known);
    return known;
  }

  #remember(known: Map<number, readonly Uint8Array[]>, index: number, scripts: readonly Uint8Array[]): void {
    known.set(index, scripts);
    this.#count++;
    for (const [text, oldest] of this.#known) {
      if (this.#count <= DERIVED_SCRIPTS_MAX) return;
      this.#known.delete(text);
      this.#count -= oldest.size;
      oldest.clear();
    }
  }
}
