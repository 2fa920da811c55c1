import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { checkedKeyBounds, opcodeCountOf, scriptSizeOf, witnessSizeBounds } from "./bounds.ts";
import type { Fragment, FragmentFields, Miniscript, MiniscriptContext } from "./expression.ts";
import { stackBounds } from "./stack-bounds.ts";
import { typeOf } from "./types.ts";

const NO_SUBS: readonly never[] = [];

/** The fragment with these fields; those that it does not have may be left out. */
export function fragment<Key>(
  name: Fragment,
  context: MiniscriptContext,
  given: Partial<Pick<FragmentFields<Key>, "number" | "keys" | "hash" | "subs">> = {},
): Miniscript<Key> {
  const { number = 0, keys = NO_SUBS, hash = EMPTY_BYTES, subs = NO_SUBS } = given;
  const fields: FragmentFields<Key> = { fragment: name, context, number, keys, hash, subs };
  return {
    fragment: name,
    context,
    number,
    keys,
    hash,
    subs,
    type: typeOf(fields),
    scriptSize: scriptSizeOf(fields),
    opcodeCount: opcodeCountOf(fields),
    checkedKeys: checkedKeyBounds(fields),
    stack: stackBounds(fields),
    witnessSizes: witnessSizeBounds(fields),
  };
}
