import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { ScriptBuilder } from "@bitfleet/protocol/script/script.ts";
import type { Miniscript } from "./expression.ts";
import { hasType } from "./types.ts";

/** A part of a script: an opcode, what is pushed, a number, or a fragment's script. */
type Part<Key> = { readonly op: number } | { readonly push: Uint8Array } | { readonly number: number } | NodePart<Key>;

interface NodePart<Key> {
  readonly node: Miniscript<Key>;
  /** VERIFY goes behind it. */
  readonly verify: boolean;
}

/** Opcodes that have a form with VERIFY, which then says so with one opcode less. */
const VERIFY_FORMS: ReadonlyMap<number, number> = new Map([
  [Op.EQUAL, Op.EQUALVERIFY],
  [Op.NUMEQUAL, Op.NUMEQUALVERIFY],
  [Op.CHECKSIG, Op.CHECKSIGVERIFY],
  [Op.CHECKMULTISIG, Op.CHECKMULTISIGVERIFY],
]);

/** The script; `keyBytes` gives a key as scripts hold it: 33 bytes, in tapscript its x. */
export function compileMiniscript<Key>(root: Miniscript<Key>, keyBytes: (key: Key) => Uint8Array): Uint8Array {
  const builder = new ScriptBuilder();
  const waiting: Part<Key>[] = [{ node: root, verify: false }];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if ("op" in part) builder.op(part.op);
    else if ("push" in part) builder.push(part.push);
    else if ("number" in part) builder.number(part.number);
    else for (const inner of verified(part, partsOf(part.node, keyBytes)).reverse()) waiting.push(inner);
  }
  return builder.bytes();
}

/** A fragment's parts, with VERIFY behind where it has to be, in the last of them where that has such a form. */
function verified<Key>({ node, verify }: NodePart<Key>, parts: Part<Key>[]): Part<Key>[] {
  if (!verify) return parts;
  if (hasType(node.type, "x")) return [...parts, op(Op.VERIFY)];
  const last = parts.pop()!;
  if ("node" in last) parts.push({ ...last, verify });
  else if ("op" in last) parts.push(op(VERIFY_FORMS.get(last.op)!));
  return parts;
}

const op = (opcode: number) => ({ op: opcode });

/** A fragment's script as BIP379's table has it. */
function partsOf<Key>(node: Miniscript<Key>, keyBytes: (key: Key) => Uint8Array): Part<Key>[] {
  const { fragment, number, keys, hash, subs } = node;
  const [x, y, z] = subs.map((sub) => ({ node: sub, verify: false }));
  const key = (index: number) => ({ push: keyBytes(keys[index]!) });
  switch (fragment) {
    case "0":
    case "1":
      return [{ number: Number(fragment) }];
    case "pk_k":
      return [key(0)];
    case "pk_h":
      return [op(Op.DUP), op(Op.HASH160), { push: hash160(key(0).push) }, op(Op.EQUALVERIFY)];
    case "older":
      return [{ number }, op(Op.CHECKSEQUENCEVERIFY)];
    case "after":
      return [{ number }, op(Op.CHECKLOCKTIMEVERIFY)];
    case "sha256":
      return preimageCheck(Op.SHA256, hash);
    case "hash256":
      return preimageCheck(Op.HASH256, hash);
    case "ripemd160":
      return preimageCheck(Op.RIPEMD160, hash);
    case "hash160":
      return preimageCheck(Op.HASH160, hash);
    case "a":
      return [op(Op.TOALTSTACK), x!, op(Op.FROMALTSTACK)];
    case "s":
      return [op(Op.SWAP), x!];
    case "c":
      return [x!, op(Op.CHECKSIG)];
    case "d":
      return [op(Op.DUP), op(Op.IF), x!, op(Op.ENDIF)];
    case "v":
      return [{ ...x!, verify: true }];
    case "j":
      return [op(Op.SIZE), op(Op.ZERO_NOTEQUAL), op(Op.IF), x!, op(Op.ENDIF)];
    case "n":
      return [x!, op(Op.ZERO_NOTEQUAL)];
    case "and_v":
      return [x!, y!];
    case "and_b":
      return [x!, y!, op(Op.BOOLAND)];
    case "or_b":
      return [x!, y!, op(Op.BOOLOR)];
    case "or_c":
      return [x!, op(Op.NOTIF), y!, op(Op.ENDIF)];
    case "or_d":
      return [x!, op(Op.IFDUP), op(Op.NOTIF), y!, op(Op.ENDIF)];
    case "or_i":
      return [op(Op.IF), x!, op(Op.ELSE), y!, op(Op.ENDIF)];
    case "andor":
      return [x!, op(Op.NOTIF), z!, op(Op.ELSE), y!, op(Op.ENDIF)];
    case "thresh": {
      const sum = subs.flatMap((sub, index): Part<Key>[] => {
        const item = { node: sub, verify: false };
        return index === 0 ? [item] : [item, op(Op.ADD)];
      });
      return [...sum, { number }, op(Op.EQUAL)];
    }
    case "multi":
      return [{ number }, ...keys.map((_, index) => key(index)), { number: keys.length }, op(Op.CHECKMULTISIG)];
    case "multi_a": {
      const checks = keys.flatMap((_, index) => [key(index), op(index === 0 ? Op.CHECKSIG : Op.CHECKSIGADD)]);
      return [...checks, { number }, op(Op.NUMEQUAL)];
    }
  }
}

function preimageCheck(hashOpcode: number, hash: Uint8Array): Part<never>[] {
  return [op(Op.SIZE), { number: 32 }, op(Op.EQUALVERIFY), op(hashOpcode), { push: hash }, op(Op.EQUAL)];
}
