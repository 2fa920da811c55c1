/**
 * A WebAssembly assembler, as small as the hash kernels need it: 32-bit words, four of them side by side (v128), one
 * memory, functions over i32. Expressions are values of type {@link Value}; statements go straight into a function's body.
 */

export type ValueType = "i32" | "v128";

/** An expression that leaves one value of type `T`. */
export interface Value<T extends ValueType = "i32"> {
  readonly type: T;
  readonly code: readonly number[];
  /** The 32-bit word (in every lane) where it is known while assembling, so that arithmetic can fold it. */
  readonly constant?: number;
}

/** A function already added to the module, for calls. */
export interface FunctionHandle {
  readonly index: number;
  readonly parameterCount: number;
}

const TYPE_CODES: Record<ValueType, number> = { i32: 0x7f, v128: 0x7b };
const OPCODES = {
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  branch: 0x0c,
  branchIf: 0x0d,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  i32Load: 0x28,
  i32Store: 0x36,
  i64Store: 0x37,
  i32Store8: 0x3a,
  i32Const: 0x41,
  i64Const: 0x42,
  i32EqualsZero: 0x45,
  i32LessUnsigned: 0x49,
  i32LessOrEqualUnsigned: 0x4d,
  i32Add: 0x6a,
  i32Subtract: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32ShiftLeft: 0x74,
  i32ShiftRightUnsigned: 0x76,
  i32RotateRight: 0x78,
} as const;

/** Every SIMD instruction is this prefix and a number. */
const SIMD_PREFIX = 0xfd;
const SIMD = {
  load: 0x00,
  store: 0x0b,
  constant: 0x0c,
  splat32: 0x11,
  load32Splat: 0x09,
  shuffleBytes: 0x0d,
  extractLane32: 0x1b,
  lessOrEqualUnsigned32: 0x3e,
  and: 0x4e,
  or: 0x50,
  xor: 0x51,
  anyTrue: 0x53,
  load32Lane: 0x56,
  shiftLeft32: 0xab,
  shiftRightUnsigned32: 0xad,
  add32: 0xae,
} as const;

const EMPTY_BLOCK_TYPE = 0x40;

function unsignedLeb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

function signedLeb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  while (rest < -0x40 || rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  bytes.push(rest & 0x7f);
  return bytes;
}

function sized(bytes: readonly number[]): number[] {
  return [...unsignedLeb128(bytes.length), ...bytes];
}

function simd(instruction: number): number[] {
  return [SIMD_PREFIX, ...unsignedLeb128(instruction)];
}

/** Arithmetic over 32-bit words, the same for one word and for four lanes, so that a hash is written down once. */
export interface WordArithmetic<T extends ValueType> {
  readonly type: T;
  constant(word: number): Value<T>;
  add(first: Value<T>, ...others: readonly Value<T>[]): Value<T>;
  xor(first: Value<T>, ...others: readonly Value<T>[]): Value<T>;
  and(a: Value<T>, b: Value<T>): Value<T>;
  or(a: Value<T>, b: Value<T>): Value<T>;
  shiftRight(value: Value<T>, bits: number): Value<T>;
  rotateRight(value: Value<T>, bits: number): Value<T>;
}

function littleEndianWord(word: number): number[] {
  return [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24];
}

function wordArithmetic<T extends ValueType>(
  type: T,
  constantCode: (word: number) => readonly number[],
  codes: { readonly [Name in "add" | "xor" | "and" | "or" | "shiftRight"]: readonly number[] },
  rotateCode: (value: Value<T>, bits: number) => readonly number[],
): WordArithmetic<T> {
  const constant = (word: number): Value<T> => ({ type, code: constantCode(word | 0), constant: word | 0 });
  const binary = (a: Value<T>, b: Value<T>, code: readonly number[], fold: (a: number, b: number) => number) => {
    if (a.constant !== undefined && b.constant !== undefined) return constant(fold(a.constant, b.constant));
    return { type, code: [...a.code, ...b.code, ...code] };
  };
  const withoutZero = (a: Value<T>, b: Value<T>): Value<T> | undefined =>
    a.constant === 0 ? b : b.constant === 0 ? a : undefined;
  const add = (a: Value<T>, b: Value<T>) => withoutZero(a, b) ?? binary(a, b, codes.add, (x, y) => x + y);
  const xor = (a: Value<T>, b: Value<T>) => withoutZero(a, b) ?? binary(a, b, codes.xor, (x, y) => x ^ y);
  return {
    type,
    constant,
    add: (first, ...others) => others.reduce(add, first),
    xor: (first, ...others) => others.reduce(xor, first),
    and: (a, b) => binary(a, b, codes.and, (x, y) => x & y),
    or: (a, b) => binary(a, b, codes.or, (x, y) => x | y),
    shiftRight: (value, bits) =>
      value.constant !== undefined
        ? constant(value.constant >>> bits)
        : { type, code: [...value.code, ...i32(bits).code, ...codes.shiftRight] },
    rotateRight: (value, bits) =>
      value.constant !== undefined
        ? constant((value.constant >>> bits) | (value.constant << (32 - bits)))
        : { type, code: rotateCode(value, bits) },
  };
}

const constantCode = (word: number): number[] => [OPCODES.i32Const, ...signedLeb128(word)];

export const I32_WORDS: WordArithmetic<"i32"> = wordArithmetic(
  "i32",
  constantCode,
  {
    add: [OPCODES.i32Add],
    xor: [OPCODES.i32Xor],
    and: [OPCODES.i32And],
    or: [OPCODES.i32Or],
    shiftRight: [OPCODES.i32ShiftRightUnsigned],
  },
  (value, bits) => [...value.code, ...constantCode(bits), OPCODES.i32RotateRight],
);

export const I32X4_WORDS: WordArithmetic<"v128"> = wordArithmetic(
  "v128",
  (word) => [...simd(SIMD.constant), ...[word, word, word, word].flatMap(littleEndianWord)],
  {
    add: simd(SIMD.add32),
    xor: simd(SIMD.xor),
    and: simd(SIMD.and),
    or: simd(SIMD.or),
    shiftRight: simd(SIMD.shiftRightUnsigned32),
  },
  // There is no rotation of lanes: two shifts of the value, which is therefore a local's, not a computation.
  (value, bits) => [
    ...[...value.code, ...constantCode(bits), ...simd(SIMD.shiftRightUnsigned32)],
    ...[...value.code, ...constantCode(32 - bits), ...simd(SIMD.shiftLeft32)],
    ...simd(SIMD.or),
  ],
);

/** A constant i32. */
export function i32(word: number): Value {
  return { type: "i32", code: constantCode(word | 0), constant: word | 0 };
}

export function subtract(a: Value, b: Value): Value {
  return { type: "i32", code: [...a.code, ...b.code, OPCODES.i32Subtract] };
}

export function shiftLeft(value: Value, bits: number): Value {
  return { type: "i32", code: [...value.code, ...constantCode(bits), OPCODES.i32ShiftLeft] };
}

/** 1 where a < b as unsigned numbers, else 0. */
export function lessThan(a: Value, b: Value): Value {
  return { type: "i32", code: [...a.code, ...b.code, OPCODES.i32LessUnsigned] };
}

/** 1 where a <= b as unsigned numbers, else 0. */
export function lessOrEqual(a: Value, b: Value): Value {
  return { type: "i32", code: [...a.code, ...b.code, OPCODES.i32LessOrEqualUnsigned] };
}

/** 1 where the value is 0, else 0. */
export function isZero(value: Value): Value {
  return { type: "i32", code: [...value.code, OPCODES.i32EqualsZero] };
}

/** 1 where any lane of a is <= that of b as unsigned numbers, else 0. */
export function anyLessOrEqual(a: Value<"v128">, b: Value<"v128">): Value {
  const code = [...a.code, ...b.code, ...simd(SIMD.lessOrEqualUnsigned32), ...simd(SIMD.anyTrue)];
  return { type: "i32", code };
}

/** The word in all four lanes. */
export function spread(value: Value): Value<"v128"> {
  return { type: "v128", code: [...value.code, ...simd(SIMD.splat32)] };
}

/** Four different words as lanes. */
export function lanes(first: number, second: number, third: number, fourth: number): Value<"v128"> {
  return { type: "v128", code: [...simd(SIMD.constant), ...[first, second, third, fourth].flatMap(littleEndianWord)] };
}

/** The little-endian word at `address + offset`; no alignment is asked for. */
export function load32(address: Value, offset = 0): Value {
  return { type: "i32", code: [...address.code, OPCODES.i32Load, 0, ...unsignedLeb128(offset)] };
}

/** The sixteen bytes at `address + offset`. */
export function load128(address: Value, offset = 0): Value<"v128"> {
  return { type: "v128", code: [...address.code, ...simd(SIMD.load), 0, ...unsignedLeb128(offset)] };
}

/** Four little-endian words, `stride` bytes apart, as four lanes. */
export function loadLanes(address: Value, offset: number, stride: number): Value<"v128"> {
  const code = [...address.code, ...simd(SIMD.load32Splat), 0, ...unsignedLeb128(offset)];
  for (let lane = 1; lane < 4; lane++) {
    // load_lane takes the address below the vector, and the vector is computed last.
    code.unshift(...address.code);
    code.push(...simd(SIMD.load32Lane), 0, ...unsignedLeb128(offset + lane * stride), lane);
  }
  return { type: "v128", code };
}

/** The word with its four bytes in opposite order. */
export function swapBytes(value: Value): Value {
  const words = I32_WORDS;
  return words.or(
    words.and(words.rotateRight(value, 24), words.constant(0x00ff00ff)),
    words.and(words.rotateRight(value, 8), words.constant(0xff00ff00)),
  );
}

/** {@link swapBytes} in each lane. */
export function swapBytesOfLanes(value: Value<"v128">): Value<"v128"> {
  const order = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
  return { type: "v128", code: [...value.code, ...value.code, ...simd(SIMD.shuffleBytes), ...order] };
}

export function laneOf(value: Value<"v128">, lane: number): Value {
  return { type: "i32", code: [...value.code, ...simd(SIMD.extractLane32), lane] };
}

/** The body of one function while it is written. Parameters are i32; nothing is returned. */
export class FunctionBuilder {
  readonly parameters: readonly Value[];
  readonly #localTypes: ValueType[] = [];
  readonly #body: number[] = [];

  constructor(parameterCount: number) {
    this.parameters = Array.from({ length: parameterCount }, (_, index) => localGet("i32", index));
  }

  /** A new local variable, as the expression that reads it. */
  local<T extends ValueType>(type: T): Value<T> {
    this.#localTypes.push(type);
    return localGet(type, this.parameters.length + this.#localTypes.length - 1);
  }

  /** Writes a local or parameter. */
  set<T extends ValueType>(local: Value<T>, value: Value<T>): void {
    if (local.code[0] !== OPCODES.localGet) throw new TypeError("only locals can be set");
    this.#body.push(...value.code, OPCODES.localSet, ...local.code.slice(1));
  }

  /** A constant as it is; anything else computed now, into a local of its own. */
  keep<T extends ValueType>(value: Value<T>): Value<T> {
    if (value.constant !== undefined) return value;
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  store32(address: Value, offset: number, value: Value): void {
    this.#body.push(...address.code, ...value.code, OPCODES.i32Store, 0, ...unsignedLeb128(offset));
  }

  store128(address: Value, offset: number, value: Value<"v128">): void {
    this.#body.push(...address.code, ...value.code, ...simd(SIMD.store), 0, ...unsignedLeb128(offset));
  }

  store8(address: Value, offset: number, value: Value): void {
    this.#body.push(...address.code, ...value.code, OPCODES.i32Store8, 0, ...unsignedLeb128(offset));
  }

  /** Zeroes eight bytes. */
  clear64(address: Value, offset: number): void {
    this.#body.push(...address.code, OPCODES.i64Const, 0, OPCODES.i64Store, 0, ...unsignedLeb128(offset));
  }

  call(callee: FunctionHandle, ...values: readonly Value[]): void {
    if (values.length !== callee.parameterCount) throw new TypeError("wrong number of parameters");
    this.#body.push(...values.flatMap((value) => value.code), OPCODES.call, ...unsignedLeb128(callee.index));
  }

  /** Repeats `body` while `condition`, read before each turn, is not zero. */
  while(condition: Value, body: () => void): void {
    this.#body.push(OPCODES.block, EMPTY_BLOCK_TYPE, OPCODES.loop, EMPTY_BLOCK_TYPE);
    this.#body.push(...condition.code, OPCODES.i32EqualsZero, OPCODES.branchIf, 1);
    body();
    this.#body.push(OPCODES.branch, 0, OPCODES.end, OPCODES.end);
  }

  /** Locals, code and end, as the code section holds them. */
  encode(): number[] {
    const locals = this.#localTypes.flatMap((type) => [1, TYPE_CODES[type]]);
    return sized([...unsignedLeb128(this.#localTypes.length), ...locals, ...this.#body, OPCODES.end]);
  }
}

function localGet<T extends ValueType>(type: T, index: number): Value<T> {
  return { type, code: [OPCODES.localGet, ...unsignedLeb128(index)] };
}

/** A module of functions over one memory of fixed size, exported as `memory`. */
export class ModuleBuilder {
  readonly #memoryPages: number;
  readonly #functions: { readonly parameterCount: number; readonly body: FunctionBuilder }[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];

  /** A page is 64 KiB. */
  constructor(memoryPages: number) {
    this.#memoryPages = memoryPages;
  }

  /** Adds a function, exported under `name` where one is given. */
  function(
    name: string | undefined,
    parameterCount: number,
    write: (body: FunctionBuilder, ...parameters: Value[]) => void,
  ): FunctionHandle {
    const body = new FunctionBuilder(parameterCount);
    write(body, ...body.parameters);
    const index = this.#functions.length;
    this.#functions.push({ parameterCount, body });
    if (name !== undefined) this.#exports.push({ name, index });
    return { index, parameterCount };
  }

  /** The module's binary form. */
  encode(): Uint8Array {
    const functionType = (count: number) => [0x60, ...sized(Array.from({ length: count }, () => TYPE_CODES.i32)), 0];
    const parametersMax = Math.max(...this.#functions.map((each) => each.parameterCount));
    const types = Array.from({ length: parametersMax + 1 }, (_, count) => functionType(count));
    const memoryLimits = [1, ...unsignedLeb128(this.#memoryPages), ...unsignedLeb128(this.#memoryPages)];
    const exportEntries = this.#exports.map(({ name, index }) => [...text(name), 0, ...unsignedLeb128(index)]);
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, types),
      ...section(
        3,
        this.#functions.map((each) => [each.parameterCount]),
      ),
      ...section(5, [memoryLimits]),
      ...section(7, [[...text("memory"), 2, 0], ...exportEntries]),
      ...section(
        10,
        this.#functions.map((each) => each.body.encode()),
      ),
    ]);
  }
}

function text(name: string): number[] {
  return sized([...new TextEncoder().encode(name)]);
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  return [id, ...sized([...unsignedLeb128(entries.length), ...entries.flat()])];
}
