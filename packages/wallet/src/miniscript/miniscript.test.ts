import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { describe, expect, test } from "vitest";
import { compileMiniscript } from "./compile.ts";
import { decodeMiniscript } from "./decode.ts";
import type { Miniscript, MiniscriptContext } from "./expression.ts";
import { isWithinOpsLimit, isWithinStackLimit, opsOf, scriptSizeMax, stackPeakOf, witnessItemsOf } from "./limits.ts";
import { parseMiniscript } from "./parse.ts";
import { insanityOf, isValid, isValidScript } from "./sanity.ts";
import { satisfyMiniscript } from "./satisfy.ts";
import { hashOf, keyBytes, satisfierOf, scriptKeys } from "./test-kit.ts";
import { miniscriptText } from "./text.ts";
import { typeText } from "./types.ts";

const CONTEXTS: readonly MiniscriptContext[] = ["wsh", "tapscript"];

const parse = (text: string, context: MiniscriptContext = "wsh") => parseMiniscript(text, context, Number);
const compile = (node: Miniscript<number>) => compileMiniscript(node, (key) => keyBytes(key, node.context));
const decode = (script: Uint8Array, context: MiniscriptContext = "wsh") =>
  decodeMiniscript(script, context, scriptKeys(context));
const text = (node: Miniscript<number>) => miniscriptText(node, String);
const typeOf = (source: string, context: MiniscriptContext = "wsh") => typeText(parse(source, context)!.type);

describe("types of single fragments", () => {
  test.each([
    ["0", "Bzduesmxk"],
    ["1", "Bzufmxk"],
    ["pk_k(0)", "Konduesmxk"],
    ["pk_h(0)", "Knduesmxk"],
    ["older(1)", "Bzfmxhk"],
    ["older(4194305)", "Bzfmxgk"],
    ["after(499999999)", "Bzfmxjk"],
    ["after(500000000)", "Bzfmxik"],
    [`sha256(${hashOf("sha256", 0)})`, "Bondumk"],
    [`ripemd160(${hashOf("ripemd160", 0)})`, "Bondumk"],
    ["multi(1,0)", "Bnduesmk"],
    ["a:pk(0)", "Wduesmxk"],
    ["s:pk(0)", "Wduesmk"],
    ["c:pk_h(0)", "Bnduesmk"],
    ["dv:older(1)", "Bondemxhk"],
    ["v:pk(0)", "Vonfsmxk"],
    ["j:pk(0)", "Bondusmxk"],
    ["n:pk(0)", "Bonduesmxk"],
    ["and_v(v:pk(0),pk(1))", "Bnufsmk"],
    ["and_b(pk(0),s:pk(1))", "Bnduesmxk"],
    ["or_b(pk(0),s:pk(1))", "Bduesmxk"],
    ["or_c(pk(0),v:pk(1))", "Vfsmxk"],
    ["or_d(pk(0),pk(1))", "Bduesmxk"],
    ["or_i(pk(0),pk(1))", "Bdusmxk"],
    ["andor(pk(0),pk(1),pk(2))", "Bduesmxk"],
    ["thresh(1,pk(0),s:pk(1))", "Bduesmk"],
    ["thresh(1,pk(0),sln:older(1))", "Bdumhk"],
    ["t:or_c(pk(0),v:after(1))", "Boufmxjk"],
    ["and_b(after(1),a:after(500000000))", "Bufmxij"],
  ])("%s is %s", (source, type) => {
    expect([...typeOf(source)].sort().join("")).toBe([...type].sort().join(""));
  });

  test("what d: leaves is exactly 1 in tapscript only", () => {
    expect(typeOf("dv:older(1)", "wsh")).not.toContain("u");
    expect(typeOf("dv:older(1)", "tapscript")).toContain("u");
    expect(isValid(parse("thresh(1,pk(0),sdv:older(1))", "wsh")!)).toBe(false);
    expect(isValid(parse("thresh(1,pk(0),sdv:older(1))", "tapscript")!)).toBe(true);
  });
});

/** What may not stand within what, a case of each requirement; and beside it what may. */
describe("fragments that go together, and that do not", () => {
  test.each([
    ["and_v(v:1,1)", "and_v(1,1)"],
    ["and_v(v:1,1)", "and_v(v:1,a:1)"],
    ["and_b(1,a:1)", "and_b(1,1)"],
    ["and_b(1,a:1)", "and_b(v:1,a:1)"],
    ["or_b(0,a:0)", "or_b(1,a:0)"],
    ["or_b(0,a:0)", "or_b(0,a:1)"],
    ["t:or_c(0,v:1)", "t:or_c(1,v:1)"],
    ["t:or_c(nl:after(1),v:1)", "t:or_c(l:after(1),v:1)"],
    ["t:or_c(0,v:1)", "t:or_c(0,1)"],
    ["or_d(0,1)", "or_d(1,1)"],
    ["or_d(nl:after(1),1)", "or_d(l:after(1),1)"],
    ["or_d(0,1)", "or_d(0,v:1)"],
    ["or_i(1,1)", "or_i(a:1,a:1)"],
    ["t:or_i(v:1,v:1)", "t:or_i(v:1,1)"],
    ["andor(0,1,1)", "andor(1,1,1)"],
    ["andor(nl:after(1),1,1)", "andor(l:after(1),1,1)"],
    ["andor(0,1,1)", "andor(0,1,v:1)"],
    ["c:andor(0,pk_k(0),pk_k(1))", "c:andor(0,pk(0),pk_k(1))"],
    ["thresh(1,0,a:0)", "thresh(1,0,0)"],
    ["thresh(1,0,a:0)", "thresh(1,1,a:0)"],
    ["n:j:pk(0)", "j:1"],
    ["j:pk(0)", "j:or_d(pk(0),pk(1))"],
    ["and_b(1,s:pk(0))", "and_b(1,s:pkh(0))"],
    ["dv:older(1)", "dv:pk(0)"],
    ["1", "pk_k(0)"],
    ["1", "v:1"],
    ["1", "a:1"],
  ])("%s, not %s", (good, bad) => {
    for (const context of CONTEXTS) {
      const node = parse(good.replace("n:j:", "nj:"), context);
      expect(node && isValidScript(node), good).toBe(true);
      const other = parse(bad, context);
      expect(other !== undefined && isValidScript(other), bad).toBe(false);
    }
  });
});

describe("text that is no miniscript", () => {
  test.each([
    "",
    "2",
    "pk",
    "pk(0",
    "pk(0))",
    "pk(0),",
    "foo(0)",
    "and_v(v:1)",
    "and_v(v:1,1,1)",
    "and_v (v:1,1)",
    "older()",
    "older(0)",
    "older(-1)",
    "older(+1)",
    "older(2147483648)",
    "after(0)",
    "after(2147483648)",
    "after(1e2)",
    "sha256(00)",
    `sha256(${"0".repeat(63)}g)`,
    `hash160(${"00".repeat(32)})`,
    "thresh(0,pk(0))",
    "thresh(2,pk(0))",
    "thresh(1)",
    `thresh(${"9".repeat(400)},pk(0))`,
    "multi(0,0)",
    "multi(2,0)",
    "multi(1)",
    "multi(1,)",
    "multi_a(1,0)",
    `multi(1,${Array.from({ length: 21 }, () => 0).join(",")})`,
    "vv:1",
    "x:1",
    ":1",
    "a:a:1",
  ])("%s", (source) => {
    expect(parse(source, "wsh")).toBeUndefined();
  });

  test("limits of what is allowed", () => {
    const keys = (count: number) => Array.from({ length: count }, () => 0).join(",");
    for (const [source, context] of [
      ["older(1)", "wsh"],
      ["older(2147483647)", "wsh"],
      ["after(2147483647)", "wsh"],
      [`multi(20,${keys(20)})`, "wsh"],
      [`multi_a(999,${keys(999)})`, "tapscript"],
      [`sha256(${hashOf("sha256", 0).toUpperCase()})`, "wsh"],
    ] as const) {
      expect(parse(source, context), source).toBeDefined();
    }
    expect(parse(`multi_a(1,${keys(1000)})`, "tapscript")).toBeUndefined();
    const thresh = (count: number) => `thresh(1,0${",a:0".repeat(count - 1)})`;
    expect(parse(thresh(1000), "tapscript")).toBeDefined();
    expect(parse(thresh(1001), "tapscript")).toBeUndefined();
    const [most, more] = [1000, 1001].map((count) => `00${"6b006c93".repeat(count - 1)}5187`);
    expect(decode(fromHex(most!), "tapscript")).toBeDefined();
    expect(decode(fromHex(more!), "tapscript")).toBeUndefined();
    expect(parse("multi(1,0)", "tapscript")).toBeUndefined();
  });

  test("what parsing a key throws goes through", () => {
    const fail = () => {
      throw new RangeError("key");
    };
    expect(() => parseMiniscript("and_v(v:pk(0),1)", "wsh", fail)).toThrow(RangeError);
  });
});

describe("short forms", () => {
  test.each([
    ["c:pk_k(0)", "pk(0)"],
    ["vc:pk_h(0)", "v:pkh(0)"],
    ["and_v(v:pk(0),1)", "tv:pk(0)"],
    ["or_i(0,pk(0))", "l:pk(0)"],
    ["or_i(pk(0),0)", "u:pk(0)"],
    ["or_i(0,0)", "l:0"],
    ["andor(pk(0),pk(1),0)", "and_n(pk(0),pk(1))"],
    ["n:or_i(0,after(01))", "nl:after(1)"],
    ["and_v(or_c(pk(0),v:pk(1)),1)", "t:or_c(pk(0),v:pk(1))"],
  ])("%s is written %s", (long, short) => {
    expect(text(parse(long)!)).toBe(short);
    expect(compile(parse(short)!)).toEqual(compile(parse(long)!));
    expect(text(parse(short)!)).toBe(short);
  });
});

/** K0 and H0 stand for the first key and its hash, in the scripts' hex. */
const K = (key: number, context: MiniscriptContext = "wsh") => {
  const bytes = keyBytes(key, context);
  return bytes.length.toString(16) + toHex(bytes);
};
const keyHashOf = (key: number) => toHex(compile(parse(`pkh(${key})`)!)).slice(4, 46);

describe("scripts", () => {
  test.each([
    ["pk(0)", `${K(0)}ac`],
    ["pkh(0)", `76a9${keyHashOf(0)}88ac`],
    ["older(144)", "029000b2"],
    ["after(16)", "60b1"],
    [`hash256(${hashOf("hash256", 0)})`, `82012088aa20${hashOf("hash256", 0)}87`],
    ["and_b(pk(0),a:pk(1))", `${K(0)}ac6b${K(1)}ac6c9a`],
    ["and_v(v:pk(0),pk(1))", `${K(0)}ad${K(1)}ac`],
    ["and_v(v:multi(1,0,1),pk(2))", `51${K(0)}${K(1)}52af${K(2)}ac`],
    ["and_v(v:older(1),pk(0))", `51b269${K(0)}ac`],
    ["and_v(and_v(v:pk(0),v:pk(1)),pk(2))", `${K(0)}ad${K(1)}ad${K(2)}ac`],
    ["or_b(pk(0),s:pk(1))", `${K(0)}ac7c${K(1)}ac9b`],
    ["t:or_c(pk(0),v:pk(1))", `${K(0)}ac64${K(1)}ad6851`],
    ["or_d(pk(0),pkh(1))", `${K(0)}ac736476a9${keyHashOf(1)}88ac68`],
    ["or_i(pk(0),pk(1))", `63${K(0)}ac67${K(1)}ac68`],
    ["andor(pk(0),pk(1),pk(2))", `${K(0)}ac64${K(2)}ac67${K(1)}ac68`],
    ["thresh(2,pk(0),s:pk(1),a:pk(2))", `${K(0)}ac7c${K(1)}ac936b${K(2)}ac6c935287`],
    ["and_v(v:thresh(1,pk(0),s:pk(1)),pk(2))", `${K(0)}ac7c${K(1)}ac935188${K(2)}ac`],
    ["j:pk(0)", `829263${K(0)}ac68`],
    ["dv:older(1)", "766351b26968"],
    ["n:pk(0)", `${K(0)}ac92`],
  ])("%s", (source, script) => {
    const node = parse(source)!;
    expect(toHex(compile(node))).toBe(script);
    expect(node.scriptSize).toBe(script.length / 2);
    expect(text(decode(fromHex(script))!)).toBe(source);
  });

  test("in tapscript keys are their x", () => {
    const [a, b] = [K(0, "tapscript"), K(1, "tapscript")];
    const node = parse("and_v(v:multi_a(1,0,1),pk(2))", "tapscript")!;
    const script = compile(node);
    expect(toHex(script)).toBe(`${a}ac${b}ba519d${K(2, "tapscript")}ac`);
    expect(text(decode(script, "tapscript")!)).toBe("and_v(v:multi_a(1,0,1),pk(2))");
    expect(decode(script, "wsh")).toBeUndefined();
  });

  test("and_v stands outside of what ends with what it ends with", () => {
    const script = compile(parse("c:and_v(v:pk(0),pk_k(1))")!);
    expect(text(decode(script)!)).toBe("and_v(v:pk(0),pk(1))");
    const three = compile(parse("and_v(v:pk(0),and_v(v:pk(1),pk(2)))")!);
    expect(text(decode(three)!)).toBe("and_v(and_v(v:pk(0),v:pk(1)),pk(2))");
  });

  test.each([
    ["a push that could be shorter", "0101b2"],
    ["VERIFY behind what has a form with it", `${K(0)}ac6951`],
    ["a broken push", "21"],
    ["a key that is not known", `21${"02".repeat(33)}ac`],
    ["a lock time of none", "00b2"],
    ["a lock time that is negative", "4fb2"],
    ["keys of too small a number", `52${K(0)}51ae`],
    ["checks without keys", "ac519c"],
    ["another opcode", "5193"],
    ["IF without its like", "6351"],
    ["something before it", `51${K(0)}ac`],
    ["nothing", ""],
  ])("no miniscript: %s", (_, script) => {
    for (const context of CONTEXTS) expect(decode(fromHex(script), context)).toBeUndefined();
  });
});

/** Bytes and items of the largest witness, opcodes that count, most items on the stack. */
describe("what they take at most", () => {
  test.each<readonly [source: string, bytes: number, items: number, ops: number, peak: number]>([
    ["pk(0)", 73, 1, 1, 2],
    ["pkh(0)", 107, 2, 4, 4],
    ["multi(2,0,1,2)", 147, 3, 4, 8],
    ["and_v(v:pk(0),pk(1))", 146, 2, 2, 3],
    ["or_d(pk(0),pkh(1))", 108, 3, 8, 4],
    ["or_i(pk(0),pkh(1))", 108, 3, 8, 4],
    ["andor(pk(0),older(1),pk(1))", 74, 2, 6, 3],
    ["thresh(2,pk(0),s:pk(1),s:pk(2))", 147, 3, 8, 4],
    ["lltvln:after(1231488000)", 3, 3, 12, 3],
    ["j:and_v(vdv:after(1567547623),older(2016))", 2, 1, 11, 2],
    ["and_b(older(16),s:or_d(pk(0),n:after(1567547623)))", 73, 1, 9, 3],
    ["uuj:and_v(v:multi(2,0,1),after(1231488000))", 151, 5, 14, 7],
  ])("%s: %i bytes, %i items, %i opcodes, a stack of %i", (source, bytes, items, ops, peak) => {
    const node = parse(source)!;
    expect({
      bytes: node.witnessSizes.satisfied,
      items: witnessItemsOf(node),
      ops: opsOf(node),
      peak: stackPeakOf(node),
    }).toEqual({ bytes, items, ops, peak });
  });

  test("BIP340 signatures and keys have other sizes", () => {
    expect(parse("pk(0)", "tapscript")!.witnessSizes.satisfied).toBe(66);
    expect(parse("pkh(0)", "tapscript")!.witnessSizes.satisfied).toBe(66 + 33);
    expect(parse("multi_a(2,0,1,2)", "tapscript")!.witnessSizes.satisfied).toBe(2 * 66 + 1);
  });

  test("nothing where nothing satisfies it", () => {
    const node = parse("and_v(v:pk(0),0)")!;
    expect([node.witnessSizes.satisfied, witnessItemsOf(node), opsOf(node)]).toEqual([undefined, undefined, undefined]);
  });

  test("opcodes, witness items and script bytes are limited in P2WSH, the stack in tapscript", () => {
    const chain = (count: number, part: string) => `${`and_b(${part},a:`.repeat(count)}pk(0)${")".repeat(count)}`;
    const within = (source: string, context: MiniscriptContext) => {
      const node = parse(source, context);
      return node !== undefined && isValid(node) && isWithinOpsLimit(node) && isWithinStackLimit(node);
    };
    // Four opcodes each, and one of the last.
    expect([50, 51].map((count) => within(chain(count, "older(1)"), "wsh"))).toEqual([true, false]);
    const keyChain = (count: number) => `${"and_v(v:pk(0),".repeat(count)}pk(0)${")".repeat(count)}`;
    expect([99, 100].map((count) => within(keyChain(count), "wsh"))).toEqual([true, false]);
    expect([100, 998].map((count) => within(keyChain(count), "tapscript"))).toEqual([true, true]);
    expect([998, 999].map((count) => within(chain(count, "older(1)"), "tapscript"))).toEqual([true, false]);
    const bytes = (size: number) => `${"n".repeat(size - 35)}:pk(0)`;
    for (const context of CONTEXTS) {
      const most = scriptSizeMax(context) + (context === "wsh" ? 0 : 1);
      const sizes = [most, most + 1].map((size) => parse(bytes(size), context));
      expect(sizes.map((node) => node !== undefined && isValid(node))).toEqual([true, false]);
    }
  });
});

describe("sanity", () => {
  const complaintOf = (source: string, context: MiniscriptContext = "wsh") => {
    const insanity = insanityOf(parse(source, context)!, String);
    return insanity && text(insanity.node) + insanity.complaint;
  };

  test.each([
    ["or_b(pk(0),s:pk(1))", undefined],
    ["and_v(pk(0),1)", "t:pk(0) is invalid"],
    ["or_i(older(1),pk(0))", "or_i(older(1),pk(0)) is not sane: witnesses without signature exist"],
    [
      "and_v(v:and_b(older(1),a:older(4194305)),pk(0))",
      "and_b(older(1),a:older(4194305)) is not sane: contains mixes of timelocks expressed in blocks and seconds",
    ],
    ["and_v(v:pk(0),pk(0))", "and_v(v:pk(0),pk(0)) is not sane: contains duplicate public keys"],
    [
      "or_i(and_v(v:pk(0),pkh(1)),and_b(pk(2),s:pk(2)))",
      "and_b(pk(2),s:pk(2)) is not sane: contains duplicate public keys",
    ],
    ["multi(1,0,0)", "multi(1,0,0) is not sane: contains duplicate public keys"],
    [
      `or_b(pk(0),a:sha256(${hashOf("sha256", 0)}))`,
      `or_b(pk(0),a:sha256(${hashOf("sha256", 0)})) is not sane: malleable witnesses exist`,
    ],
    ["and_v(v:pk(0),0)", "and_v(v:pk(0),0) is not satisfiable"],
    ["pk_k(0)", "pk_k(0) is not sane"],
  ])("%s", (source, complaint) => {
    expect(complaintOf(source)).toBe(complaint);
  });

  test("witnesses that are too large", () => {
    const chain = `${"and_b(older(1),a:".repeat(51)}pk(0)${")".repeat(51)}`;
    expect(complaintOf(chain)).toMatch(/ is not sane: needs witnesses that may exceed resource limits$/);
    expect(complaintOf(chain, "tapscript")).toBeUndefined();
  });
});

describe("witnesses that others could change are none", () => {
  const HASH = hashOf("sha256", 0);
  const satisfied = (source: string, over: readonly number[]) => {
    const means = {
      keys: new Set([0]),
      hashes: new Set<string>(),
      isOver: (_: string, time: number) => over.includes(time),
    };
    return satisfyMiniscript(parse(source)!, satisfierOf(means, "wsh")) !== undefined;
  };

  test.each<readonly [source: string, over: readonly number[], satisfied: boolean]>([
    // Either branch does, without a signature.
    ["and_v(v:pk(0),or_i(older(1),older(2)))", [1], true],
    ["and_v(v:pk(0),or_i(older(1),older(2)))", [1, 2], false],
    // Anything of 32 bytes is no preimage.
    [`or_b(pk(0),a:sha256(${HASH}))`, [], false],
    [`or_d(sha256(${HASH}),pk(0))`, [], false],
    // Whatever is not zero and dissatisfies what is within.
    [`or_d(j:sha256(${HASH}),pk(0))`, [], false],
    ["or_d(pk(1),pk(0))", [], true],
    // Nobody signed.
    ["or_i(older(1),pk(0))", [1], false],
    ["or_i(older(1),pk(0))", [], true],
  ])("%s after %j: %s", (source, over, expected) => {
    expect(satisfied(source, over)).toBe(expected);
  });
});

describe("trees as deep as scripts are long", () => {
  test("are read, written and satisfied", () => {
    const depth = 100_000;
    const source = `${"n".repeat(depth)}:pk(0)`;
    const node = parse(source, "tapscript")!;
    expect(node.scriptSize).toBe(depth + 34);
    expect(text(decode(compile(node), "tapscript")!)).toBe(source);
    expect(insanityOf(node, String)).toBeUndefined();
    const means = { keys: new Set([0]), hashes: new Set<string>(), isOver: () => true };
    expect(satisfyMiniscript(node, satisfierOf(means, "tapscript"))?.length).toBe(1);
  });
});
