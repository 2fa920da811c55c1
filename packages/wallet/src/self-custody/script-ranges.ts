import type { DescriptorId } from "../ledger/wallet-coin.ts";
import type { AccountDescriptor } from "./account-descriptors.ts";

/** Some indexes of a descriptor, and the scripts there. */
export interface ScriptRange {
  readonly descriptor: AccountDescriptor;
  readonly isRanged: boolean;
  readonly from: number;
  /** Behind the last one. */
  readonly end: number;
  readonly scripts: readonly Uint8Array[];
}

/** Which of the far indexes is the next to be looked at again. */
export interface FarPlace {
  readonly id: DescriptorId;
  readonly index: number;
}

/** `most` of the far ranges, from a place on and round, and where the next look goes on. */
export function farTurn(
  ranges: readonly ScriptRange[],
  from: FarPlace | undefined,
  most: number,
): { readonly ranges: readonly ScriptRange[]; readonly next: FarPlace | undefined } {
  const isBefore = (id: DescriptorId, index: number) =>
    from !== undefined && (id < from.id || (id === from.id && index < from.index));
  const pieces = ranges
    .toSorted((a, b) => a.descriptor.id - b.descriptor.id || a.from - b.from)
    .flatMap((range) => {
      const { id } = range.descriptor;
      const isCut = from !== undefined && id === from.id && range.from < from.index && from.index < range.end;
      return isCut ? [partOfRange(range, range.from, from.index), partOfRange(range, from.index, range.end)] : [range];
    });
  const start = pieces.findIndex((range) => !isBefore(range.descriptor.id, range.from));
  const inTurn = start < 0 ? pieces : [...pieces.slice(start), ...pieces.slice(0, start)];
  const taken: ScriptRange[] = [];
  let left = most;
  for (const range of inTurn) {
    if (left <= 0) return { ranges: taken, next: { id: range.descriptor.id, index: range.from } };
    const end = Math.min(range.end, range.from + left);
    taken.push(partOfRange(range, range.from, end));
    left -= end - range.from;
    if (end < range.end) return { ranges: taken, next: { id: range.descriptor.id, index: end } };
  }
  const [first] = pieces;
  return { ranges: taken, next: first ? { id: first.descriptor.id, index: first.from } : from };
}

/** Some of a range's indexes. */
export function partOfRange(range: ScriptRange, from: number, end: number): ScriptRange {
  // A descriptor may have several scripts to an index.
  const perIndex = Math.max(1, Math.round(range.scripts.length / (range.end - range.from)));
  const scripts = range.scripts.slice((from - range.from) * perIndex, (end - range.from) * perIndex);
  return { ...range, from, end, scripts };
}

/** What of some ranges is in none of others. */
export function withoutRanges(ranges: readonly ScriptRange[], others: readonly ScriptRange[]): readonly ScriptRange[] {
  return ranges.flatMap((range) => {
    const parts: ScriptRange[] = [];
    let { from } = range;
    const same = others.filter(({ descriptor }) => descriptor.id === range.descriptor.id);
    for (const other of same.toSorted((a, b) => a.from - b.from)) {
      if (other.end <= from || other.from >= range.end) continue;
      if (other.from > from) parts.push(partOfRange(range, from, other.from));
      from = other.end;
    }
    if (from < range.end) parts.push(from === range.from ? range : partOfRange(range, from, range.end));
    return parts;
  });
}
