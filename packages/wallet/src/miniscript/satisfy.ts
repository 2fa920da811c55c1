import { waysToChoose } from "./choices.ts";
import { fold, type HashFragment, type Miniscript } from "./expression.ts";
import {
  better,
  type Choice,
  itemChoice,
  itemsOf,
  malleable,
  NO_ITEMS,
  ONE,
  signatureChoice,
  stacked,
  ZERO,
} from "./witness-choice.ts";

/** What is at hand to satisfy a miniscript with. */
export interface Satisfier<Key> {
  /** A key as it stands in witnesses: 33 bytes, in tapscript its x. */
  keyBytes(key: Key): Uint8Array;
  /** With its hash type; `undefined` where it cannot be had. */
  sign(key: Key): Uint8Array | undefined;
  /** 32 bytes with this hash. */
  preimage(name: HashFragment, hash: Uint8Array): Uint8Array | undefined;
  /** Whether the input waits for a relative lock time (BIP68). */
  hasWaited(sequence: number): boolean;
  /** Whether the transaction waits for a lock time. */
  isAfter(lockTime: number): boolean;
}

/** How a fragment can be satisfied and dissatisfied, where it can. */
interface Choices {
  readonly satisfied: Choice | undefined;
  readonly dissatisfied: Choice | undefined;
}

/** No preimage that anybody knows: what a hash is asked to be dissatisfied with. Others can put anything in its place. */
const NOT_A_PREIMAGE = malleable(itemChoice(new Uint8Array(32)));

/**
 * The smallest witness that satisfies a miniscript and that nobody else can change, the script apart: items from the
 * bottom of the stack up. `undefined` where there is none. Every signature that can be had is asked for on the way.
 */
export function satisfyMiniscript<Key>(
  root: Miniscript<Key>,
  satisfier: Satisfier<Key>,
): readonly Uint8Array[] | undefined {
  const { satisfied } = fold<Key, Choices>(root, (node, subs) => choicesOf(node, subs, satisfier));
  return satisfied?.isSigned && !satisfied.isMalleable ? itemsOf(satisfied) : undefined;
}

const NEVER: Choices = { satisfied: undefined, dissatisfied: undefined };

/** BIP379's table of satisfactions; what is put on the stack first is used last. */
function choicesOf<Key>(node: Miniscript<Key>, subs: readonly Choices[], satisfier: Satisfier<Key>): Choices {
  const { fragment, number, keys, hash } = node;
  const [x = NEVER, y = NEVER, z = NEVER] = subs;
  const sign = (key: Key) => signatureChoice(satisfier.sign(key));
  switch (fragment) {
    case "0":
      return { satisfied: undefined, dissatisfied: NO_ITEMS };
    case "1":
      return { satisfied: NO_ITEMS, dissatisfied: undefined };
    case "pk_k":
      return { satisfied: sign(keys[0]!), dissatisfied: ZERO };
    case "pk_h": {
      const key = itemChoice(satisfier.keyBytes(keys[0]!));
      return { satisfied: stacked(sign(keys[0]!), key), dissatisfied: stacked(ZERO, key) };
    }
    case "older":
      return { satisfied: satisfier.hasWaited(number) ? NO_ITEMS : undefined, dissatisfied: undefined };
    case "after":
      return { satisfied: satisfier.isAfter(number) ? NO_ITEMS : undefined, dissatisfied: undefined };
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160": {
      const preimage = satisfier.preimage(fragment, hash);
      return { satisfied: preimage && itemChoice(preimage), dissatisfied: NOT_A_PREIMAGE };
    }
    case "multi":
      return multiChoices(keys.map(sign), number);
    case "multi_a":
      return multiAChoices(keys.toReversed().map(sign), number);
    case "a":
    case "s":
    case "c":
    case "n":
      return x;
    case "d":
      return { satisfied: stacked(x.satisfied, ONE), dissatisfied: ZERO };
    case "j":
      // Whoever can dissatisfy X without a signature may be able to do so with an item that is not zero.
      return {
        satisfied: x.satisfied,
        dissatisfied: x.dissatisfied !== undefined && !x.dissatisfied.isSigned ? malleable(ZERO) : ZERO,
      };
    case "v":
      return { satisfied: x.satisfied, dissatisfied: undefined };
    case "and_v":
      return {
        satisfied: stacked(y.satisfied, x.satisfied),
        dissatisfied: stacked(y.dissatisfied, x.satisfied),
      };
    case "and_b":
      return {
        satisfied: stacked(y.satisfied, x.satisfied),
        dissatisfied: better(
          better(stacked(y.dissatisfied, x.dissatisfied), malleable(stacked(y.satisfied, x.dissatisfied))),
          malleable(stacked(y.dissatisfied, x.satisfied)),
        ),
      };
    case "or_b":
      // Of two that are satisfied anybody can dissatisfy one.
      return {
        satisfied: better(
          better(stacked(y.dissatisfied, x.satisfied), stacked(y.satisfied, x.dissatisfied)),
          malleable(stacked(y.satisfied, x.satisfied)),
        ),
        dissatisfied: stacked(y.dissatisfied, x.dissatisfied),
      };
    case "or_c":
      return { satisfied: better(x.satisfied, stacked(y.satisfied, x.dissatisfied)), dissatisfied: undefined };
    case "or_d":
      return {
        satisfied: better(x.satisfied, stacked(y.satisfied, x.dissatisfied)),
        dissatisfied: stacked(y.dissatisfied, x.dissatisfied),
      };
    case "or_i":
      return {
        satisfied: better(stacked(x.satisfied, ONE), stacked(y.satisfied, ZERO)),
        dissatisfied: better(stacked(x.dissatisfied, ONE), stacked(y.dissatisfied, ZERO)),
      };
    case "andor":
      return {
        satisfied: better(stacked(y.satisfied, x.satisfied), stacked(z.satisfied, x.dissatisfied)),
        dissatisfied: better(stacked(y.dissatisfied, x.satisfied), stacked(z.dissatisfied, x.dissatisfied)),
      };
    case "thresh":
      return thresholdChoices(subs, number);
  }
}

/** Signatures in the order of their keys; CHECKMULTISIG takes an empty item more than it uses. */
function multiChoices(signatures: readonly (Choice | undefined)[], required: number): Choices {
  const items = signatures.map((satisfied) => ({ satisfied, dissatisfied: NO_ITEMS }));
  const ways = waysToChoose<Choice | undefined>(items, ZERO, stacked, better);
  const dissatisfied = Array.from({ length: required }).reduce<Choice | undefined>(
    (below) => stacked(below, ZERO),
    ZERO,
  );
  return { satisfied: ways[required], dissatisfied };
}

/** For each key a signature or an empty item, that of the first key on top. */
function multiAChoices(signaturesFromLast: readonly (Choice | undefined)[], required: number): Choices {
  const items = signaturesFromLast.map((satisfied) => ({ satisfied, dissatisfied: ZERO }));
  const ways = waysToChoose<Choice | undefined>(items, NO_ITEMS, stacked, better);
  return { satisfied: ways[required], dissatisfied: ways[0] };
}

function thresholdChoices(subs: readonly Choices[], required: number): Choices {
  const ways = waysToChoose<Choice | undefined>(subs.toReversed(), NO_ITEMS, stacked, better);
  const dissatisfied = ways.reduce<Choice | undefined>((best, way, count) => {
    if (count === required) return best;
    // To satisfy some, yet not as many as it takes, is never needed: anybody could undo it.
    return better(best, count === 0 ? way : malleable(way));
  }, undefined);
  return { satisfied: ways[required], dissatisfied };
}
