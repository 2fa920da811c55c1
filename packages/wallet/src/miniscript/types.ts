import { LOCK_TIME_THRESHOLD } from "@bitfleet/protocol/script/transaction-checker.ts";
import type { Fragment, FragmentFields, MiniscriptType } from "./expression.ts";

/*
 * The type system of miniscript (BIP379). A type is one of four kinds and a set of properties, as bits:
 *
 * | letter | a fragment that… |
 * |---|---|
 * | B, V, K, W | leaves a boolean; continues or fails; leaves a key for a signature check; takes its input from under the top item |
 * | z, o, n | takes no item; one item; an item that is not zero from the top |
 * | d, u | can be dissatisfied without a signature; leaves exactly 1 where it is satisfied |
 * | e, f | is dissatisfied in one way only; cannot be dissatisfied without a signature |
 * | s, m | needs a signature to be satisfied; can always be satisfied in a way that nobody else can change |
 * | x | does not end with an opcode that has a VERIFY form |
 * | g, h, i, j | waits for a relative time, a relative height, a time, a height |
 * | k | has no branch that waits both for a time and for a height |
 */

const LETTERS = "BVKWzonduefsmxghijk";
const LOCK_LETTERS = "ghij";

const bitsByLetters = new Map<string, MiniscriptType>();

/** The bits of letters. */
function bitsOf(letters: string): MiniscriptType {
  let bits = bitsByLetters.get(letters);
  if (bits === undefined) {
    bits = 0;
    for (const letter of letters) bits |= 1 << LETTERS.indexOf(letter);
    bitsByLetters.set(letters, bits);
  }
  return bits;
}

const KINDS = bitsOf("BVKW");
const LOCKS = bitsOf(LOCK_LETTERS);
const UNMIXED = bitsOf("k");

/** Whether a type is of all these letters. */
export function hasType(type: MiniscriptType, letters: string): boolean {
  const bits = bitsOf(letters);
  return (type & bits) === bits;
}

/** The letters of a type, in the order of the table above. */
export function typeText(type: MiniscriptType): string {
  return [...LETTERS].filter((_, index) => (type & (1 << index)) !== 0).join("");
}

/** One way to have a property: letters that X, Y and Z must have. */
type Term = readonly [x: MiniscriptType, y: MiniscriptType, z: MiniscriptType];

interface Rule {
  readonly bit: MiniscriptType;
  readonly terms: readonly Term[];
}

/**
 * Rules as BIP379 writes them, `B=Bx*Wy` for "is B where X is B and Y is W", `+` for "or"; a letter alone always holds. A
 * rule for several letters holds for each: `zm=x*y` is `z=zx*zy m=mx*my`.
 */
function rules(text: string): readonly Rule[] {
  return text.split(" ").flatMap((rule) => {
    const [letters = "", condition] = rule.split("=");
    return [...letters].map((letter) => ({
      bit: bitsOf(letter),
      terms:
        condition === undefined ? [[0, 0, 0] as const] : condition.split("+").map((term) => parseTerm(term, letter)),
    }));
  });
}

function parseTerm(term: string, letter: string): Term {
  const needs: [number, number, number] = [0, 0, 0];
  for (const factor of term.split("*")) {
    const wanted = factor.length === 1 ? letter : factor.slice(0, -1);
    needs["xyz".indexOf(factor.at(-1)!)]! |= bitsOf(wanted);
  }
  return needs;
}

type LeafFragment = Extract<Fragment, "0" | "1" | "pk_k" | "pk_h" | "older" | "after" | "multi" | "multi_a"> | "hash";

/** Types of the fragments with none within. */
const LEAF_TYPES: Readonly<Record<LeafFragment, MiniscriptType>> = {
  "0": bitsOf("Bzudemsxk"),
  "1": bitsOf("Bzufmxk"),
  pk_k: bitsOf("Konudemsxk"),
  pk_h: bitsOf("Knudemsxk"),
  older: bitsOf("Bzfmxk"),
  after: bitsOf("Bzfmxk"),
  hash: bitsOf("Bonudmk"),
  multi: bitsOf("Bnudemsk"),
  multi_a: bitsOf("Budemsk"),
};

type CombiningFragment = Exclude<Fragment, LeafFragment | "thresh" | "sha256" | "hash256" | "ripemd160" | "hash160">;

/** BIP379: types of the fragments that have others within. */
const RULES: Readonly<Record<CombiningFragment, readonly Rule[]>> = {
  a: rules("W=Bx udfems=x x"),
  s: rules("W=Box udfemsx=x"),
  c: rules("B=Kx ondfem=x us"),
  d: rules("B=Vzx o=zx e=fx ms=x ndx"),
  v: rules("V=Bx zonms=x fx"),
  j: rules("B=Bnx e=fx oums=x ndx"),
  n: rules("Bzondfems=x ux"),
  and_v: rules("B=Vx*By V=x*y K=Vx*Ky zm=x*y o=ox*zy+zx*oy n=x+zx*ny s=x+y f=fy+sx ux=y"),
  and_b: rules("B=Bx*Wy zdm=x*y o=ox*zy+zx*oy n=x+zx*ny e=esx*esy f=fx*fy+sfx+sfy s=x+y ux"),
  or_b: rules("B=Bdx*Wdy zse=x*y o=ox*zy+zx*oy m=mesx*mey+mex*mesy dux"),
  or_c: rules("V=Bdux*Vy zs=x*y o=ox*zy m=mesx*my+mex*msy fx"),
  or_d: rules("B=Bdux*By zs=x*y o=ox*zy ufde=y m=mesx*my+mex*msy x"),
  or_i: rules("VBKufs=x*y o=zx*zy e=ex*fy+fx*ey d=x+y m=msx*my+mx*msy x"),
  andor: rules(
    "B=Bdux*By*Bz V=Bdux*Vy*Vz K=Bdux*Ky*Kz z=x*y*z o=ox*zy*zz+zx*oy*oz u=y*z f=sx*fz+fy*fz d=z e=sx*ez+fy*ez " +
      "s=sx*sz+sy*sz m=mesx*my*mz+mex*msy*mz+mex*my*msz x",
  ),
};

/** In tapscript IF takes nothing but the exact 1, by consensus: what `d:` leaves is that 1. */
const TAPSCRIPT_DUP_IF = bitsOf("u");

/** BIP68: the bit of a relative lock time that makes it count seconds. */
const RELATIVE_TIME_FLAG = 1 << 22;
/** The type of a fragment; 0 where those within may not stand there. */
export function typeOf<Key>({ fragment, context, number, subs }: FragmentFields<Key>): MiniscriptType {
  const x = subs[0]?.type ?? 0;
  const y = subs[1]?.type ?? 0;
  const z = subs[2]?.type ?? 0;
  switch (fragment) {
    case "older":
      return LEAF_TYPES.older | bitsOf((number & RELATIVE_TIME_FLAG) !== 0 ? "g" : "h");
    case "after":
      return LEAF_TYPES.after | bitsOf(number >= LOCK_TIME_THRESHOLD ? "i" : "j");
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return LEAF_TYPES.hash;
    case "0":
    case "1":
    case "pk_k":
    case "pk_h":
    case "multi":
    case "multi_a":
      return LEAF_TYPES[fragment];
    case "thresh":
      return thresholdType(
        number,
        subs.map(({ type }) => type),
      );
    default: {
      let type = locksOf(fragment, x, y, z);
      for (const { bit, terms } of RULES[fragment]) {
        if (terms.some(([ofX, ofY, ofZ]) => (x & ofX) === ofX && (y & ofY) === ofY && (z & ofZ) === ofZ)) type |= bit;
      }
      if (fragment === "d" && context === "tapscript") type |= TAPSCRIPT_DUP_IF;
      return (type & KINDS) === 0 ? 0 : type;
    }
  }
}

/** The lock times within, and whether those of fragments that are satisfied together go together. */
function locksOf(fragment: CombiningFragment, x: MiniscriptType, y: MiniscriptType, z: MiniscriptType): MiniscriptType {
  const locks = (x | y | z) & LOCKS;
  switch (fragment) {
    case "and_v":
    case "and_b":
      return locks | (mixes(x, y) ? 0 : x & y & UNMIXED);
    case "andor":
      return locks | (mixes(x, y) ? 0 : x & y & z & UNMIXED);
    case "or_b":
    case "or_c":
    case "or_d":
    case "or_i":
      return locks | (x & y & UNMIXED);
    default:
      return locks | (x & UNMIXED);
  }
}

/** No transaction has both a lock time that is a time and one that is a height, nor an input both relative ones. */
function mixes(x: MiniscriptType, y: MiniscriptType): boolean {
  return (
    (hasType(x, "g") && hasType(y, "h")) ||
    (hasType(x, "h") && hasType(y, "g")) ||
    (hasType(x, "i") && hasType(y, "j")) ||
    (hasType(x, "j") && hasType(y, "i"))
  );
}

function thresholdType(required: number, types: readonly MiniscriptType[]): MiniscriptType {
  if (!types.every((type, index) => hasType(type, index === 0 ? "Bdu" : "Wdu"))) return 0;
  const every = (letters: string) => types.every((type) => hasType(type, letters));
  const count = (letter: string) => types.filter((type) => hasType(type, letter)).length;
  const signed = count("s");
  const others = types.length - required;
  const items = types.reduce((sum, type) => sum + (hasType(type, "z") ? 0 : hasType(type, "o") ? 1 : 2), 0);
  let locks = UNMIXED;
  for (const type of types) {
    const isUnmixed = required <= 1 || !mixes(locks, type);
    locks = ((locks | type) & LOCKS) | (isUnmixed ? locks & type & UNMIXED : 0);
  }
  return (
    bitsOf("Bdu") |
    locks |
    (items === 0 ? bitsOf("z") : 0) |
    (items === 1 ? bitsOf("o") : 0) |
    (every("e") && signed === types.length ? bitsOf("e") : 0) |
    (every("em") && signed >= others ? bitsOf("m") : 0) |
    (signed >= others + 1 ? bitsOf("s") : 0)
  );
}
