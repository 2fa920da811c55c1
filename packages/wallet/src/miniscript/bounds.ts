import { ScriptBuilder } from "@bitfleet/protocol/script/script.ts";
import { waysToChoose } from "./choices.ts";
import type { Bounds, FragmentFields, Most } from "./expression.ts";
import { hasType } from "./types.ts";

/** What scripts of miniscripts take at most: bytes, opcodes, stack items. Nothing is what no script can be brought to. */

/** Bytes of the push of a number. */
export function numberPushSize(number: number): number {
  return new ScriptBuilder().number(number).bytes().length;
}

/** A key and the byte that pushes it. */
const keyPushSize = ({ context }: FragmentFields<unknown>) => (context === "tapscript" ? 33 : 34);

/** Bytes of a fragment's script, in which VERIFY goes with the opcode before it where that has such a form. */
export function scriptSizeOf<Key>(node: FragmentFields<Key>): number {
  const { fragment, number, keys, subs } = node;
  const within = subs.reduce((sum, { scriptSize }) => sum + scriptSize, 0);
  switch (fragment) {
    case "0":
    case "1":
      return 1;
    case "pk_k":
      return keyPushSize(node);
    case "pk_h":
      return 24;
    case "older":
    case "after":
      return 1 + numberPushSize(number);
    case "sha256":
    case "hash256":
      return 6 + 33;
    case "ripemd160":
    case "hash160":
      return 6 + 21;
    case "multi":
      return 1 + numberPushSize(keys.length) + numberPushSize(number) + keyPushSize(node) * keys.length;
    case "multi_a":
      return 1 + numberPushSize(number) + (keyPushSize(node) + 1) * keys.length;
    case "and_v":
      return within;
    case "v":
      return within + Number(hasType(subs[0]!.type, "x"));
    case "s":
    case "c":
    case "n":
    case "and_b":
    case "or_b":
      return within + 1;
    case "a":
    case "or_c":
      return within + 2;
    case "d":
    case "or_d":
    case "or_i":
    case "andor":
      return within + 3;
    case "j":
      return within + 4;
    case "thresh":
      return within + subs.length + numberPushSize(number);
  }
}

const plus = (a: Most, b: Most): Most => (a === undefined || b === undefined ? undefined : a + b);
const larger = (a: Most, b: Most): Most => (a === undefined ? b : b === undefined ? a : Math.max(a, b));

/** What single items of a witness take of it, and multisigs as a whole. */
interface Costs {
  readonly zero: number;
  readonly one: number;
  readonly signature: number;
  readonly key: number;
  readonly preimage: number;
  readonly multi: Bounds;
}

/** Sums up costs along the ways in which a fragment can be satisfied and dissatisfied without being malleable. */
function boundsOf<Key>(
  { fragment, number, subs }: FragmentFields<Key>,
  field: "checkedKeys" | "witnessSizes",
  { zero, one, signature, key, preimage, multi }: Costs,
): Bounds {
  const x = subs[0]?.[field] ?? NEVER;
  const y = subs[1]?.[field] ?? NEVER;
  const z = subs[2]?.[field] ?? NEVER;
  const both = plus(x.satisfied, y.satisfied);
  const neither = plus(x.dissatisfied, y.dissatisfied);
  const second = plus(x.dissatisfied, y.satisfied);
  switch (fragment) {
    case "0":
      return { satisfied: undefined, dissatisfied: 0 };
    case "1":
    case "older":
    case "after":
      return { satisfied: 0, dissatisfied: undefined };
    case "pk_k":
      return { satisfied: signature, dissatisfied: zero };
    case "pk_h":
      return { satisfied: signature + key, dissatisfied: zero + key };
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return { satisfied: preimage, dissatisfied: undefined };
    case "multi":
    case "multi_a":
      return multi;
    case "a":
    case "s":
    case "c":
    case "n":
      return x;
    case "d":
      return { satisfied: plus(x.satisfied, one), dissatisfied: zero };
    case "j":
      return { satisfied: x.satisfied, dissatisfied: zero };
    case "v":
      return { satisfied: x.satisfied, dissatisfied: undefined };
    case "and_v":
      return { satisfied: both, dissatisfied: undefined };
    case "and_b":
      return { satisfied: both, dissatisfied: neither };
    case "or_b":
      return { satisfied: larger(plus(x.satisfied, y.dissatisfied), second), dissatisfied: neither };
    case "or_c":
      return { satisfied: larger(x.satisfied, second), dissatisfied: undefined };
    case "or_d":
      return { satisfied: larger(x.satisfied, second), dissatisfied: neither };
    case "or_i":
      return {
        satisfied: larger(plus(x.satisfied, one), plus(y.satisfied, zero)),
        dissatisfied: larger(plus(x.dissatisfied, one), plus(y.dissatisfied, zero)),
      };
    case "andor":
      return {
        satisfied: larger(both, plus(x.dissatisfied, z.satisfied)),
        dissatisfied: plus(x.dissatisfied, z.dissatisfied),
      };
    case "thresh": {
      const ways = waysToChoose<Most>(
        subs.map((sub) => sub[field]),
        0,
        plus,
        larger,
      );
      return { satisfied: ways[number], dissatisfied: ways[0] };
    }
  }
}

const NEVER: Bounds = { satisfied: undefined, dissatisfied: undefined };

/** A signature with hash type, behind its length: BIP340's has 65 bytes, an ECDSA signature up to 72. */
const signatureSize = ({ context }: FragmentFields<unknown>) => (context === "tapscript" ? 1 + 65 : 1 + 72);

/** Bytes of the witness items, with the length of each, but without their number. */
export function witnessSizeBounds<Key>(node: FragmentFields<Key>): Bounds {
  const { fragment, number, keys } = node;
  const signature = signatureSize(node);
  // CHECKMULTISIG takes an item more than it uses; CHECKSIGADD takes one for each key.
  const blanks = fragment === "multi" ? 1 : keys.length - number;
  return boundsOf(node, "witnessSizes", {
    zero: 1,
    one: 2,
    signature,
    key: keyPushSize(node),
    preimage: 1 + 32,
    multi: { satisfied: number * signature + blanks, dissatisfied: fragment === "multi" ? number + 1 : keys.length },
  });
}

/** Keys of multisigs that run, each of which counts as an opcode outside tapscript. */
export function checkedKeyBounds<Key>(node: FragmentFields<Key>): Bounds {
  const count = node.fragment === "multi" ? node.keys.length : 0;
  return boundsOf(node, "checkedKeys", {
    zero: 0,
    one: 0,
    signature: 0,
    key: 0,
    preimage: 0,
    multi: { satisfied: count, dissatisfied: count },
  });
}

/** Opcodes of the script that count against its limit: all that push nothing. */
export function opcodeCountOf<Key>({ fragment, keys, subs }: FragmentFields<Key>): number {
  const within = subs.reduce((sum, { opcodeCount }) => sum + opcodeCount, 0);
  switch (fragment) {
    case "0":
    case "1":
    case "pk_k":
      return 0;
    case "and_v":
      return within;
    case "v":
      return within + Number(hasType(subs[0]!.type, "x"));
    case "older":
    case "after":
    case "multi":
    case "s":
    case "c":
    case "n":
    case "and_b":
    case "or_b":
      return within + 1;
    case "a":
    case "or_c":
      return within + 2;
    case "pk_h":
    case "d":
    case "or_d":
    case "or_i":
    case "andor":
      return within + 3;
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
    case "j":
      return within + 4;
    case "multi_a":
      return keys.length + 1;
    case "thresh":
      return within + subs.length;
  }
}
