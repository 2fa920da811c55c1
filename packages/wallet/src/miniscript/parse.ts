import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { MULTISIG_KEYS_MAX } from "@bitfleet/protocol/script/script.ts";
import { numberPushSize } from "./bounds.ts";
import type { Fragment, HashFragment, Miniscript, MiniscriptContext, Wrapper } from "./expression.ts";
import { fragment } from "./fragment.ts";
import { scriptSizeMax, THRESHOLD_ITEMS_MAX } from "./limits.ts";

/** Most keys of `multi_a`: as many as a stack can hold signatures for. */
export const MULTI_A_KEYS_MAX = 999;

/** Lock times are below: the opcodes take no negative numbers, and BIP68 and BIP65 no larger ones. */
const LOCK_TIME_MAX = 0x7fffffff;

const HASH_SIZES: Readonly<Record<HashFragment, number>> = { sha256: 32, hash256: 32, ripemd160: 20, hash160: 20 };

/** A fragment whose inner ones are being read. */
interface OpenCall<Key> {
  readonly name: CallName;
  /** Of `thresh`. */
  readonly number: number;
  /** Wrappers in front, to be put around it once it is complete. */
  readonly wrappers: string;
  readonly subs: Miniscript<Key>[];
}

type CallName = "and_v" | "and_b" | "and_n" | "or_b" | "or_c" | "or_d" | "or_i" | "andor" | "thresh";

/** Fragments that have others within, how many, and the bytes that they add to a script at least. */
const CALLS: ReadonlyMap<string, { readonly subCount: number; readonly size: number }> = new Map<
  CallName,
  { readonly subCount: number; readonly size: number }
>([
  ["and_v", { subCount: 2, size: 0 }],
  ["and_b", { subCount: 2, size: 1 }],
  ["and_n", { subCount: 2, size: 4 }],
  ["or_b", { subCount: 2, size: 1 }],
  ["or_c", { subCount: 2, size: 2 }],
  ["or_d", { subCount: 2, size: 3 }],
  ["or_i", { subCount: 2, size: 3 }],
  ["andor", { subCount: 3, size: 3 }],
]);

/** Wrappers and the bytes that they add to a script at least. */
const WRAPPER_SIZES: Readonly<Record<string, number>> = { a: 2, s: 1, c: 1, d: 3, j: 4, n: 1, v: 0, u: 4, t: 1, l: 4 };

/** Thrown within the parser for a text that is no miniscript; parsing answers it as a value. */
class NotMiniscript extends Error {}

/**
 * The miniscript that a text (BIP379) says; `undefined` where it is none, or one too long for any script. What it says may
 * still be nonsense: see `sanity`. `parseKey` may throw, which goes through.
 */
export function parseMiniscript<Key>(
  text: string,
  context: MiniscriptContext,
  parseKey: (text: string) => Key,
): Miniscript<Key> | undefined {
  try {
    return new Parser(text, context, parseKey).parse();
  } catch (error) {
    if (error instanceof NotMiniscript) return undefined;
    throw error;
  }
}

class Parser<Key> {
  readonly #text: string;
  readonly #context: MiniscriptContext;
  readonly #parseKey: (text: string) => Key;
  #at = 0;
  /** Bytes that the script has at least, by what was read: what is too long is not read to its end. */
  #size = 0;

  constructor(text: string, context: MiniscriptContext, parseKey: (text: string) => Key) {
    this.#text = text;
    this.#context = context;
    this.#parseKey = parseKey;
  }

  /** Without recursion: a text of wrappers can be as deep as it is long. */
  parse(): Miniscript<Key> {
    const open: OpenCall<Key>[] = [];
    for (;;) {
      let complete = this.#leafOrCall(open);
      while (complete !== undefined) {
        const call = open.at(-1);
        if (call === undefined) {
          if (this.#at !== this.#text.length) throw new NotMiniscript();
          return complete;
        }
        call.subs.push(complete);
        complete = this.#closed(call) ? this.#wrapped(this.#built(open.pop()!), call.wrappers) : undefined;
      }
    }
  }

  /** Reads a fragment that has none within; of one that has, what stands before the first, and puts it on `open`. */
  #leafOrCall(open: OpenCall<Key>[]): Miniscript<Key> | undefined {
    const wrappers = this.#takeWrappers();
    const constant = (["0", "1"] as const).find((name) => this.#skip(name));
    if (constant !== undefined) {
      this.#grow(1);
      return this.#wrapped(this.#make(constant), wrappers);
    }
    const name = this.#takeName();
    const leaf = this.#leaf(name);
    if (leaf !== undefined) {
      this.#grow(leaf.scriptSize);
      return this.#wrapped(leaf, wrappers);
    }
    if (name === "thresh") {
      const number = this.#takeNumber();
      if (number < 1) throw new NotMiniscript();
      this.#grow(numberPushSize(number));
      open.push({ name, number, wrappers, subs: [] });
      return undefined;
    }
    const call = CALLS.get(name);
    if (call === undefined) throw new NotMiniscript();
    this.#grow(call.size);
    open.push({ name: name as CallName, number: 0, wrappers, subs: [] });
    return undefined;
  }

  /** Behind an inner fragment: whether it was the last. */
  #closed({ name, subs }: OpenCall<Key>): boolean {
    const wanted = CALLS.get(name)?.subCount;
    if (name === "thresh") {
      this.#grow(1);
      if (this.#skip(",")) {
        if (subs.length === THRESHOLD_ITEMS_MAX) throw new NotMiniscript();
        return false;
      }
    } else if (subs.length < wanted!) {
      if (!this.#skip(",")) throw new NotMiniscript();
      return false;
    }
    if (!this.#skip(")")) throw new NotMiniscript();
    return true;
  }

  #built({ name, number, subs }: OpenCall<Key>): Miniscript<Key> {
    if (name === "thresh" && number > subs.length) throw new NotMiniscript();
    if (name === "and_n") return this.#make("andor", { subs: [...subs, this.#make("0")] });
    return this.#make(name, { number, subs });
  }

  #wrapped(node: Miniscript<Key>, wrappers: string): Miniscript<Key> {
    let outer = node;
    for (let index = wrappers.length - 1; index >= 0; index--) {
      const wrapper = wrappers[index]!;
      if (wrapper === "t") outer = this.#make("and_v", { subs: [outer, this.#make("1")] });
      else if (wrapper === "l") outer = this.#make("or_i", { subs: [this.#make("0"), outer] });
      else if (wrapper === "u") outer = this.#make("or_i", { subs: [outer, this.#make("0")] });
      else outer = this.#make(wrapper as Wrapper, { subs: [outer] });
    }
    return outer;
  }

  #leaf(name: string): Miniscript<Key> | undefined {
    switch (name) {
      case "pk":
        return this.#make("c", { subs: [this.#make("pk_k", { keys: [this.#takeKey()] })] });
      case "pkh":
        return this.#make("c", { subs: [this.#make("pk_h", { keys: [this.#takeKey()] })] });
      case "pk_k":
      case "pk_h":
        return this.#make(name, { keys: [this.#takeKey()] });
      case "older":
      case "after": {
        const number = wholeNumber(this.#takeArgument());
        if (number === undefined || number < 1 || number > LOCK_TIME_MAX) throw new NotMiniscript();
        return this.#make(name, { number });
      }
      case "sha256":
      case "hash256":
      case "ripemd160":
      case "hash160": {
        const hash = tryFromHex(this.#takeArgument());
        if (hash?.length !== HASH_SIZES[name]) throw new NotMiniscript();
        return this.#make(name, { hash });
      }
      case "multi":
      case "multi_a":
        return this.#multi(name);
      default:
        return undefined;
    }
  }

  #multi(name: "multi" | "multi_a"): Miniscript<Key> {
    if ((name === "multi_a") !== (this.#context === "tapscript")) throw new NotMiniscript();
    const number = this.#takeNumber();
    const keys: Key[] = [];
    do {
      const start = this.#at;
      while (!",)".includes(this.#text[this.#at] ?? ",")) this.#at++;
      if (this.#at === start || this.#at === this.#text.length) throw new NotMiniscript();
      keys.push(this.#parseKey(this.#text.slice(start, this.#at)));
    } while (this.#text[this.#at++] === ",");
    const keysMax = name === "multi_a" ? MULTI_A_KEYS_MAX : MULTISIG_KEYS_MAX;
    if (keys.length > keysMax || number < 1 || number > keys.length) throw new NotMiniscript();
    return this.#make(name, { number, keys });
  }

  #make(name: Fragment, given?: Parameters<typeof fragment<Key>>[2]): Miniscript<Key> {
    return fragment(name, this.#context, given);
  }

  #grow(size: number): void {
    this.#size += size;
    if (this.#size > scriptSizeMax(this.#context)) throw new NotMiniscript();
  }

  #skip(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Letters before a colon; none where there is no colon. */
  #takeWrappers(): string {
    const wrappers = /[a-z]+:/y;
    wrappers.lastIndex = this.#at;
    const found = wrappers.exec(this.#text)?.[0].slice(0, -1) ?? "";
    if (found === "") return "";
    if (found.includes("vv")) throw new NotMiniscript();
    for (const letter of found) {
      const size = WRAPPER_SIZES[letter];
      if (size === undefined) throw new NotMiniscript();
      this.#grow(size);
    }
    this.#at += found.length + 1;
    return found;
  }

  /** A name and the bracket behind it. */
  #takeName(): string {
    const start = this.#at;
    const end = this.#text.indexOf("(", start);
    if (end < 0) throw new NotMiniscript();
    this.#at = end + 1;
    return this.#text.slice(start, end);
  }

  /** All up to the end of an expression, which has to be the bracket that closes it. */
  #takeArgument(): string {
    const start = this.#at;
    let level = 1;
    let end = start;
    for (; end < this.#text.length; end++) {
      const character = this.#text[end]!;
      if (character === "(" || character === "{") level++;
      else if (character === ")" || character === "}") {
        if (level === 0) break;
        level--;
      } else if (character === "," && level === 0) break;
    }
    if (end === start || this.#text[end - 1] !== ")") throw new NotMiniscript();
    this.#at = end;
    return this.#text.slice(start, end - 1);
  }

  #takeKey(): Key {
    return this.#parseKey(this.#takeArgument());
  }

  /** A number and the comma behind it. */
  #takeNumber(): number {
    const end = this.#text.indexOf(",", this.#at);
    const number = end < 0 ? undefined : wholeNumber(this.#text.slice(this.#at, end));
    if (number === undefined) throw new NotMiniscript();
    this.#at = end + 1;
    return number;
  }
}

/** A whole number in decimal. */
function wholeNumber(text: string): number | undefined {
  const number = /^-?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}
