import { Op, smallNumberOf } from "@bitfleet/protocol/script/opcodes.ts";
import { isMinimalPush, MULTISIG_KEYS_MAX, ScriptCursor } from "@bitfleet/protocol/script/script.ts";
import { decodeScriptNumber } from "@bitfleet/protocol/script/script-number.ts";
import type { Fragment, HashFragment, Miniscript, MiniscriptContext } from "./expression.ts";
import { fragment } from "./fragment.ts";
import { scriptSizeMax, THRESHOLD_ITEMS_MAX } from "./limits.ts";
import { MULTI_A_KEYS_MAX } from "./parse.ts";
import { isValid, isValidScript } from "./sanity.ts";

/** What keys in scripts stand for. Where one answers nothing, the script is taken for no miniscript. */
export interface ScriptKeys<Key> {
  /** A key as it stands in the script: 32 or 33 bytes, which may be anything. */
  keyOf(bytes: Uint8Array): Key | undefined;
  /** The key with this HASH160: in tapscript that of x alone. */
  keyOfHash(hash: Uint8Array): Key | undefined;
}

/** The miniscript that a script was made of; `undefined` where it was made of none, or of one that is not valid. */
export function decodeMiniscript<Key>(
  script: Uint8Array,
  context: MiniscriptContext,
  keys: ScriptKeys<Key>,
): Miniscript<Key> | undefined {
  if (script.length > scriptSizeMax(context)) return undefined;
  const instructions = instructionsOf(script);
  const decoded = instructions && new Decoder(instructions.reverse(), context, keys).decode();
  return decoded && isValidScript(decoded) ? decoded : undefined;
}

interface Instruction {
  readonly opcode: number;
  /** What is pushed; empty for other instructions. */
  readonly data: Uint8Array;
}

const NO_DATA = new Uint8Array(0);

/** Opcodes that do what VERIFY behind another does. */
const VERIFY_PARTS: ReadonlyMap<number, number> = new Map([
  [Op.EQUALVERIFY, Op.EQUAL],
  [Op.NUMEQUALVERIFY, Op.NUMEQUAL],
  [Op.CHECKSIGVERIFY, Op.CHECKSIG],
  [Op.CHECKMULTISIGVERIFY, Op.CHECKMULTISIG],
]);
const HAVE_VERIFY_FORM: ReadonlySet<number> = new Set(VERIFY_PARTS.values());

/** The instructions, those with VERIFY taken apart; `undefined` where one could be written shorter. */
function instructionsOf(script: Uint8Array): Instruction[] | undefined {
  const instructions: Instruction[] = [];
  const cursor = new ScriptCursor(script);
  while (cursor.next()) {
    const { opcode, data } = cursor;
    const part = VERIFY_PARTS.get(opcode);
    if (part !== undefined) {
      instructions.push({ opcode: part, data: NO_DATA }, { opcode: Op.VERIFY, data: NO_DATA });
      continue;
    }
    const isPush = opcode > 0 && opcode <= Op.PUSHDATA4;
    if (isPush && !isMinimalPush(opcode, script, cursor.dataStart, cursor.dataEnd)) return undefined;
    if (HAVE_VERIFY_FORM.has(opcode) && script[cursor.offset] === Op.VERIFY) return undefined;
    instructions.push({ opcode, data });
  }
  return cursor.broken ? undefined : instructions;
}

/** The number that an instruction pushes. */
function numberOf(instruction: Instruction | undefined): number | undefined {
  if (instruction === undefined) return undefined;
  const { opcode, data } = instruction;
  return smallNumberOf(opcode) ?? (data.length > 0 ? decodeScriptNumber(data, true) : undefined);
}

/** Before one of these no `and_v` ends, since they begin what is around it. */
const BEGINNINGS: ReadonlySet<number> = new Set([Op.IF, Op.ELSE, Op.NOTIF, Op.TOALTSTACK, Op.SWAP]);

const HASH_OPCODES: ReadonlyMap<number, readonly [name: HashFragment, size: number]> = new Map([
  [Op.SHA256, ["sha256", 32]],
  [Op.HASH256, ["hash256", 32]],
  [Op.RIPEMD160, ["ripemd160", 20]],
  [Op.HASH160, ["hash160", 20]],
]);

/** A step of decoding: false where the script is no miniscript. */
type Step = () => boolean;

/**
 * Reads a script from its end, where each fragment shows what it is. Steps that are still to be done are on a stack of
 * their own, since scripts nest deeper than functions can.
 */
class Decoder<Key> {
  /** From the last to the first. */
  readonly #instructions: readonly Instruction[];
  readonly #context: MiniscriptContext;
  readonly #keys: ScriptKeys<Key>;
  #at = 0;
  readonly #steps: Step[] = [];
  /** What is decoded and has no place yet; that of the earliest script bytes is on top. */
  readonly #decoded: Miniscript<Key>[] = [];

  constructor(instructions: readonly Instruction[], context: MiniscriptContext, keys: ScriptKeys<Key>) {
    this.#instructions = instructions;
    this.#context = context;
    this.#keys = keys;
  }

  decode(): Miniscript<Key> | undefined {
    this.#next(this.#sequence);
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      if (!step()) return undefined;
      const top = this.#decoded.at(-1);
      if (top !== undefined && !isValid(top)) return undefined;
    }
    return this.#at === this.#instructions.length ? this.#decoded.pop() : undefined;
  }

  #opcode(ahead = 0): number | undefined {
    return this.#instructions[this.#at + ahead]?.opcode;
  }

  /** Takes instructions with these opcodes, where they are the next. */
  #skip(...opcodes: readonly number[]): boolean {
    if (!opcodes.every((opcode, index) => this.#opcode(index) === opcode)) return false;
    this.#at += opcodes.length;
    return true;
  }

  /** Does these steps, in this order, before all others. */
  #next(...steps: readonly Step[]): true {
    this.#steps.push(...steps.toReversed());
    return true;
  }

  #add(name: Fragment, given?: Parameters<typeof fragment<Key>>[2]): true {
    this.#decoded.push(fragment(name, this.#context, given));
    return true;
  }

  /** A step that makes a fragment of the last `count` that were decoded, of which the last comes first. */
  #combine(name: Fragment, count: number): Step {
    return () => this.#add(name, { subs: this.#take(count) });
  }

  #take(count: number): readonly Miniscript<Key>[] {
    return this.#decoded.splice(this.#decoded.length - count, count).reverse();
  }

  /** One fragment, and those that `and_v` has before it. */
  readonly #sequence: Step = () => this.#next(this.#single, this.#earlier);

  readonly #earlier: Step = () => {
    const opcode = this.#opcode();
    if (opcode === undefined || BEGINNINGS.has(opcode)) return true;
    return this.#next(this.#sequence, this.#combine("and_v", 2));
  };

  /** A fragment that takes what it needs from under the top item. */
  readonly #fromBelow: Step = () => {
    if (this.#skip(Op.FROMALTSTACK)) {
      return this.#next(this.#sequence, () => this.#skip(Op.TOALTSTACK), this.#combine("a", 1));
    }
    return this.#next(this.#sequence, () => this.#skip(Op.SWAP), this.#combine("s", 1));
  };

  /** A fragment of any kind but W, no `and_v`. */
  readonly #single: Step = () => {
    const first = this.#instructions[this.#at];
    if (first === undefined) return false;
    if (this.#skip(Op.ONE)) return this.#add("1");
    if (this.#skip(Op.ZERO)) return this.#add("0");
    if (first.data.length === 33 || first.data.length === 32) return this.#key(first.data);
    return (
      this.#keyHash() ??
      this.#lockTime() ??
      this.#preimage() ??
      this.#multi() ??
      this.#multiA() ??
      this.#wrapper() ??
      this.#threshold() ??
      this.#branches() ??
      false
    );
  };

  #key(bytes: Uint8Array): boolean {
    const key = this.#keys.keyOf(bytes);
    if (key === undefined) return false;
    this.#at += 1;
    return this.#add("pk_k", { keys: [key] });
  }

  #keyHash(): boolean | undefined {
    const hash = this.#instructions[this.#at + 2]?.data;
    const isCheck =
      this.#opcode(0) === Op.VERIFY &&
      this.#opcode(1) === Op.EQUAL &&
      hash?.length === 20 &&
      this.#opcode(3) === Op.HASH160 &&
      this.#opcode(4) === Op.DUP;
    if (!isCheck) return undefined;
    const key = this.#keys.keyOfHash(hash);
    if (key === undefined) return false;
    this.#at += 5;
    return this.#add("pk_h", { keys: [key] });
  }

  #lockTime(): boolean | undefined {
    const opcode = this.#opcode();
    if (opcode !== Op.CHECKSEQUENCEVERIFY && opcode !== Op.CHECKLOCKTIMEVERIFY) return undefined;
    const number = numberOf(this.#instructions[this.#at + 1]);
    if (number === undefined || number < 1) return false;
    this.#at += 2;
    return this.#add(opcode === Op.CHECKSEQUENCEVERIFY ? "older" : "after", { number });
  }

  #preimage(): boolean | undefined {
    const hash = this.#instructions[this.#at + 1]?.data;
    const [name, size] = HASH_OPCODES.get(this.#opcode(2) ?? Op.NOP) ?? [];
    const isCheck =
      this.#opcode(0) === Op.EQUAL &&
      name !== undefined &&
      hash?.length === size &&
      this.#opcode(3) === Op.VERIFY &&
      this.#opcode(4) === Op.EQUAL &&
      numberOf(this.#instructions[this.#at + 5]) === 32 &&
      this.#opcode(6) === Op.SIZE;
    if (!isCheck) return undefined;
    this.#at += 7;
    return this.#add(name, { hash: hash! });
  }

  #multi(): boolean | undefined {
    if (this.#opcode() !== Op.CHECKMULTISIG) return undefined;
    const count = numberOf(this.#instructions[this.#at + 1]);
    if (this.#context === "tapscript" || count === undefined || count < 1 || count > MULTISIG_KEYS_MAX) return false;
    const keys: Key[] = [];
    for (let index = 0; index < count; index++) {
      const bytes = this.#instructions[this.#at + 2 + index]?.data;
      const key = bytes?.length === 33 ? this.#keys.keyOf(bytes) : undefined;
      if (key === undefined) return false;
      keys.push(key);
    }
    const number = numberOf(this.#instructions[this.#at + 2 + count]);
    if (number === undefined || number < 1 || number > count) return false;
    this.#at += 3 + count;
    return this.#add("multi", { number, keys: keys.reverse() });
  }

  #multiA(): boolean | undefined {
    if (this.#opcode() !== Op.NUMEQUAL) return undefined;
    const number = numberOf(this.#instructions[this.#at + 1]);
    if (this.#context !== "tapscript" || number === undefined || number < 1) return false;
    const keys: Key[] = [];
    for (let at = this.#at + 2; ; at += 2) {
      const opcode = this.#instructions[at]?.opcode;
      const bytes = this.#instructions[at + 1]?.data;
      const isCheck = opcode === Op.CHECKSIG || opcode === Op.CHECKSIGADD;
      const key = isCheck && bytes?.length === 32 ? this.#keys.keyOf(bytes) : undefined;
      if (key === undefined || keys.length === MULTI_A_KEYS_MAX) return false;
      keys.push(key);
      if (opcode === Op.CHECKSIG) break;
    }
    if (number > keys.length) return false;
    this.#at += 2 + keys.length * 2;
    return this.#add("multi_a", { number, keys: keys.reverse() });
  }

  /** Of `c:and_v(X,Y)` and `and_v(X,c:Y)`, which are one script, it is always the latter. */
  #wrapper(): boolean | undefined {
    if (this.#skip(Op.CHECKSIG)) return this.#next(this.#single, this.#combine("c", 1));
    if (this.#skip(Op.VERIFY)) return this.#next(this.#single, this.#combine("v", 1));
    if (this.#skip(Op.ZERO_NOTEQUAL)) return this.#next(this.#single, this.#combine("n", 1));
    if (this.#skip(Op.BOOLAND)) return this.#next(this.#fromBelow, this.#single, this.#combine("and_b", 2));
    if (this.#skip(Op.BOOLOR)) return this.#next(this.#fromBelow, this.#single, this.#combine("or_b", 2));
    return undefined;
  }

  #threshold(): boolean | undefined {
    const number = this.#opcode() === Op.EQUAL ? numberOf(this.#instructions[this.#at + 1]) : undefined;
    if (number === undefined) return undefined;
    if (number < 1) return false;
    this.#at += 2;
    let count = 1;
    const item: Step = () => {
      if (this.#skip(Op.ADD)) {
        if (++count > THRESHOLD_ITEMS_MAX) return false;
        return this.#next(this.#fromBelow, item);
      }
      return this.#next(
        this.#single,
        () => number <= count && this.#add("thresh", { number, subs: this.#take(count) }),
      );
    };
    return this.#next(item);
  }

  /** All that ends with ENDIF. */
  #branches(): boolean | undefined {
    if (!this.#skip(Op.ENDIF)) return undefined;
    return this.#next(this.#sequence, () => {
      if (this.#skip(Op.ELSE)) return this.#next(this.#sequence, this.#beforeElse);
      if (this.#skip(Op.IF, Op.DUP)) return this.#next(this.#combine("d", 1));
      if (this.#skip(Op.IF, Op.ZERO_NOTEQUAL, Op.SIZE)) return this.#next(this.#combine("j", 1));
      if (!this.#skip(Op.NOTIF)) return false;
      const name = this.#skip(Op.IFDUP) ? "or_d" : "or_c";
      return this.#next(this.#single, this.#combine(name, 2));
    });
  }

  readonly #beforeElse: Step = () => {
    if (this.#skip(Op.IF)) return this.#next(this.#combine("or_i", 2));
    if (!this.#skip(Op.NOTIF)) return false;
    return this.#next(this.#single, () => {
      // In the script the third stands before the second.
      const [x, z, y] = this.#take(3);
      return this.#add("andor", { subs: [x!, y!, z!] });
    });
  };
}
