import type { DescriptorId } from "../ledger/wallet-coin.ts";
import { GAP_LIMIT } from "./account-descriptors.ts";
import type { ScriptRange } from "./script-ranges.ts";

/**
 * What a look asks of a server: `looked`: what is known of these is all that ever happened to them. `new`: nothing is known. `far`: they are further behind the last
 * used one than wallets go, and had nothing when they were looked at last: they are looked at again now and then, by which no payment that is known can be missed.
 */
export type RangeKind = "looked" | "new" | "far";

/** How far an account's descriptor has come. */
export interface Reach {
  /** Behind the last index that was ever used. */
  readonly nextIndex: number;
  /** Behind the last one that is watched. */
  readonly rangeEnd: number;
}

type Span = readonly [from: number, end: number];

/** Which indexes of an account's descriptors were looked at. */
export class LookedIndexes {
  readonly #ends = new Map<DescriptorId, { readonly looked: number; readonly far: number }>();

  /** As it was stored. Of `lookedEnd` far ones were kept, too, by programs that looked at all of them each time. */
  load(id: DescriptorId, { lookedEnd, farEnd = 0 }: LookedEnds, reach: Reach): void {
    this.#ends.set(id, { looked: Math.min(lookedEnd, nearEnd(reach)), far: Math.max(lookedEnd, farEnd) });
  }

  ends(id: DescriptorId): Required<LookedEnds> {
    const { looked, far } = this.#of(id);
    return { lookedEnd: looked, farEnd: far };
  }

  spans(kind: RangeKind, id: DescriptorId, reach: Reach): readonly Span[] {
    const { looked, far } = this.#of(id);
    const near = Math.max(looked, nearEnd(reach));
    return spansOf().filter(([from, end]) => from < end);

    function spansOf(): readonly Span[] {
      if (kind === "looked") return [[0, looked]];
      if (kind === "far") return [[near, Math.min(far, reach.rangeEnd)]];
      if (far <= near) return [[looked, reach.rangeEnd]];
      return [
        [looked, near],
        [far, reach.rangeEnd],
      ];
    }
  }

  /** All of these were looked at, from their beginnings to now. */
  note(id: DescriptorId, ranges: readonly Pick<ScriptRange, "from" | "end">[], reach: Reach): void {
    let { looked, far } = this.#of(id);
    for (const { from, end } of [...ranges].sort((a, b) => a.from - b.from)) {
      if (from <= looked) looked = Math.max(looked, end);
      if (from <= far) far = Math.max(far, end);
    }
    this.#ends.set(id, { looked: Math.min(looked, nearEnd(reach)), far: Math.max(looked, far) });
  }

  clear(): void {
    this.#ends.clear();
  }

  #of(id: DescriptorId) {
    return this.#ends.get(id) ?? { looked: 0, far: 0 };
  }
}

export interface LookedEnds {
  /** Indexes before this one were looked at: all that ever happened to them is known. */
  readonly lookedEnd: number;
  /** Those before this one were looked at once, and had nothing then. */
  readonly farEnd?: number | undefined;
}

/** Behind the last index that wallets go to. */
const nearEnd = ({ nextIndex, rangeEnd }: Reach): number => Math.min(rangeEnd, nextIndex + GAP_LIMIT);
