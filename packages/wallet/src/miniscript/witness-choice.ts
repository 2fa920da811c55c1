import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";

/** Witness items as one weighs them against others. */

/** Items joined without being copied: a script's parts are joined over and over on the way up. */
type Items = Uint8Array | { readonly below: Items; readonly above: Items } | undefined;

/** Witness items that satisfy or dissatisfy a fragment, the top of the stack last. */
export interface Choice {
  readonly items: Items;
  /** Bytes, the length of each item among them. */
  readonly size: number;
  /** A signature is among them. */
  readonly isSigned: boolean;
  /** Others can turn them into other items that do the same. */
  readonly isMalleable: boolean;
}

/** A choice that cannot be had. */
type Unavailable = undefined;

export const NO_ITEMS: Choice = { items: undefined, size: 0, isSigned: false, isMalleable: false };

/** One item, of at most 252 bytes, whose length takes one. */
export function itemChoice(item: Uint8Array): Choice {
  return { ...NO_ITEMS, items: item, size: 1 + item.length };
}

/** The signature, where there is one. */
export function signatureChoice(signature: Uint8Array | undefined): Choice | Unavailable {
  return signature && { ...itemChoice(signature), isSigned: true };
}

/** What IF takes for false and CHECKSIG for no signature. */
export const ZERO: Choice = itemChoice(EMPTY_BYTES);
export const ONE: Choice = itemChoice(Uint8Array.of(1));

export function malleable(choice: Choice | Unavailable): Choice | Unavailable {
  return choice && { ...choice, isMalleable: true };
}

/** The items of one below those of the other. */
export function stacked(below: Choice | Unavailable, above: Choice | Unavailable): Choice | Unavailable {
  if (below === undefined || above === undefined) return undefined;
  return {
    items: joined(below.items, above.items),
    size: below.size + above.size,
    isSigned: below.isSigned || above.isSigned,
    isMalleable: below.isMalleable || above.isMalleable,
  };
}

function joined(below: Items, above: Items): Items {
  return below === undefined || above === undefined ? (below ?? above) : { below, above };
}

/**
 * The better of two that do the same, the first where they are as good. Without a signature anybody can put one in the
 * other's place: so one without a signature has to be taken, since nobody could be kept from doing so; and where both are
 * without, the witness is malleable. Of two with signatures it is the one that cannot be changed, then the smaller.
 */
export function better(a: Choice | Unavailable, b: Choice | Unavailable): Choice | Unavailable {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.isSigned !== b.isSigned) return a.isSigned ? b : a;
  if (!a.isSigned) return malleable(a.size <= b.size ? a : b);
  if (a.isMalleable !== b.isMalleable) return a.isMalleable ? b : a;
  return a.size <= b.size ? a : b;
}

/** The items from the bottom of the stack to its top. */
export function itemsOf(choice: Choice): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  const waiting: Items[] = [choice.items];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === undefined) continue;
    if (next instanceof Uint8Array) items.push(next);
    else waiting.push(next.above, next.below);
  }
  return items;
}
