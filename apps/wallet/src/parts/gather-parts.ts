import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { bbqrKey, isBbqr, readBbqr } from "./bbqr.ts";
import { FragmentChooser } from "./fountain.ts";
import { Fragments } from "./fragments.ts";
import { PART_LENGTH_MAX, PARTS_MAX, PARTS_REST_MS, WHOLE_BYTES_MAX } from "./limits.ts";
import { isUr, readUr, type UrPart, urKey, urMessage } from "./ur.ts";

/** What the parts were put together to. */
export type Whole =
  | { readonly form: "UR"; readonly type: string; readonly cbor: Uint8Array }
  | {
      readonly form: "BBQr";
      readonly type: string;
      readonly isPacked: boolean;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly form: "Specter"; readonly text: string };

/** How far it is: once as many were found as are wanted, nothing is missing. */
export interface Gathered {
  readonly found: number;
  readonly wanted: number;
}

/** What came of a part. */
export type Added =
  | { readonly kind: "more" }
  | { readonly kind: "whole"; readonly whole: Whole }
  /** It is of another message than those before, which are kept. */
  | { readonly kind: "foreign" }
  /** It is not read, and those before are kept. */
  | { readonly kind: "damaged" }
  /** There is more of it than is gathered. */
  | { readonly kind: "too-many" }
  /** The parts do not go together, or what they make has a wrong checksum: all of them are forgotten. */
  | { readonly kind: "spoilt" };

/** The parts of one message, in any order. */
interface Puzzle extends Gathered {
  readonly key: string;
  add(part: Part): Added;
}

type Part =
  | { readonly form: "UR"; readonly key: string; readonly part: UrPart }
  /** One of which each is needed, and none has a checksum. */
  | { readonly form: "numbered"; readonly key: string; readonly part: NumberedPart };

interface NumberedPart {
  readonly count: number;
  /** From 0 on. */
  readonly index: number;
  readonly data: Uint8Array;
  readonly isEven: boolean;
  readonly wholeOf: (joined: Uint8Array<ArrayBuffer>) => Whole;
}

/** Gathers the codes of one message, whichever form it has, until it is whole or is to be forgotten. */
export class PartsGatherer {
  #puzzle: Puzzle | undefined;
  #newestMs = 0;

  /** Of the message that is being gathered. */
  get gathered(): Gathered | undefined {
    return this.#puzzle && { found: this.#puzzle.found, wanted: this.#puzzle.wanted };
  }

  /** `nowMs`: of any clock that goes on. */
  add(text: string, nowMs: number): Added {
    if (text.length > PART_LENGTH_MAX) return { kind: "too-many" };
    const read = partOf(text);
    if (read === undefined) return { kind: "damaged" };
    if (read === "too-many") return { kind: "too-many" };
    if ("whole" in read) return { kind: "whole", whole: read.whole };
    if (this.#puzzle !== undefined && nowMs - this.#newestMs > PARTS_REST_MS) this.forget();
    if (this.#puzzle !== undefined && this.#puzzle.key !== read.key) return { kind: "foreign" };
    this.#puzzle ??= puzzleOf(read);
    const foundBefore = this.#puzzle.found;
    const added = this.#puzzle.add(read);
    if (this.#puzzle.found > foundBefore) this.#newestMs = nowMs;
    if (added.kind === "whole" || added.kind === "spoilt" || added.kind === "too-many") this.forget();
    return added;
  }

  forget(): void {
    this.#puzzle = undefined;
  }
}

/** What a part says of the message, before the others are there: "psbt" of UR, "P" of BBQr. */
export function partType(text: string): string | undefined {
  return /^ur:([a-z0-9-]+)\//iu.exec(text)?.[1]?.toLowerCase() ?? /^B\$[H2Z]([A-Z])/u.exec(text)?.[1];
}

function partOf(text: string): Part | { readonly whole: Whole } | "too-many" | undefined {
  if (isUr(text)) {
    const read = readUr(text);
    if (read === undefined || read === "too-many") return read;
    if ("cbor" in read) return { whole: { form: "UR", ...read } };
    return { form: "UR", key: `UR ${urKey(read)}`, part: read };
  }
  return isBbqr(text) ? bbqrPartOf(text) : specterPartOf(text);
}

function bbqrPartOf(text: string): Part | undefined {
  const read = readBbqr(text);
  if (read === undefined) return undefined;
  const { type, encoding } = read;
  const wholeOf: NumberedPart["wholeOf"] = (bytes) => ({ form: "BBQr", type, isPacked: encoding === "packed", bytes });
  return { form: "numbered", key: `BBQr ${bbqrKey(read)}`, part: { ...read, isEven: true, wholeOf } };
}

/** `p2of3 ` and a piece of text, as Specter writes them. */
function specterPartOf(text: string): Part | "too-many" | undefined {
  const [, number, countText, piece = ""] = /^p(\d{1,9})of(\d{1,9}) (.*)$/su.exec(text) ?? [];
  const [index, count] = [Number(number) - 1, Number(countText)];
  if (!(index >= 0 && index < count)) return undefined;
  if (count > PARTS_MAX) return "too-many";
  const wholeOf: NumberedPart["wholeOf"] = (joined) => ({ form: "Specter", text: new TextDecoder().decode(joined) });
  const data = new TextEncoder().encode(piece);
  return { form: "numbered", key: `Specter ${count}`, part: { index, count, data, isEven: false, wholeOf } };
}

const puzzleOf = ({ form, key, part }: Part): Puzzle =>
  form === "UR" ? new MixedPuzzle(key, part) : new NumberedPuzzle(key, part);

class MixedPuzzle implements Puzzle {
  readonly key: string;
  readonly #first: UrPart;
  readonly #chooser: FragmentChooser;
  readonly #fragments: Fragments;

  constructor(key: string, first: UrPart) {
    this.key = key;
    this.#first = first;
    this.#chooser = new FragmentChooser(first.count, first.checksum);
    this.#fragments = new Fragments(first.count);
  }

  get found(): number {
    return this.#fragments.foundCount;
  }

  get wanted(): number {
    return this.#fragments.count;
  }

  add({ part, form }: Part): Added {
    if (form !== "UR") return { kind: "foreign" };
    const news = this.#fragments.add(this.#chooser.fragmentsOf(part.number), part.data);
    if (news === "contradicts") return { kind: "spoilt" };
    const joined = this.#fragments.joined();
    if (joined === undefined) return { kind: "more" };
    const cbor = urMessage(joined, this.#first);
    const { type } = this.#first;
    return cbor === undefined ? { kind: "spoilt" } : { kind: "whole", whole: { form: "UR", type, cbor } };
  }
}

class NumberedPuzzle implements Puzzle {
  readonly key: string;
  readonly wanted: number;
  readonly #parts: (NumberedPart | undefined)[];
  #foundCount = 0;
  #size = 0;

  constructor(key: string, first: NumberedPart) {
    this.key = key;
    this.wanted = first.count;
    this.#parts = new Array<NumberedPart | undefined>(first.count);
  }

  get found(): number {
    return this.#foundCount;
  }

  add({ part, form }: Part): Added {
    if (form !== "numbered") return { kind: "foreign" };
    const known = this.#parts[part.index];
    if (known !== undefined) return { kind: equalBytes(known.data, part.data) ? "more" : "foreign" };
    if (part.isEven && !this.#isEven(part)) return { kind: "foreign" };
    this.#size += part.data.length;
    if (this.#size > WHOLE_BYTES_MAX) return { kind: "too-many" };
    this.#parts[part.index] = part;
    this.#foundCount++;
    if (this.#foundCount < this.wanted) return { kind: "more" };
    return { kind: "whole", whole: part.wholeOf(concatBytes(...this.#parts.map((one) => one!.data)).slice()) };
  }

  /** All but the last are of the same length, and the last is no longer than they are. */
  #isEven({ index, data }: NumberedPart): boolean {
    const [place, size] = [index, data.length];
    return this.#parts.every((other, at) => {
      if (other === undefined) return true;
      if (place === this.wanted - 1) return size <= other.data.length;
      return at === this.wanted - 1 ? other.data.length <= size : other.data.length === size;
    });
  }
}
