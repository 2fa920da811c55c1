import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileMiniscript } from "./compile.ts";
import { decodeMiniscript } from "./decode.ts";
import { fold, type Miniscript, type MiniscriptContext } from "./expression.ts";
import { isWithinOpsLimit, isWithinStackLimit, witnessItemsOf } from "./limits.ts";
import { parseMiniscript } from "./parse.ts";
import { insanityOf, isSane } from "./sanity.ts";
import { satisfyMiniscript } from "./satisfy.ts";
import { keyBytes, type Means, miniscripts, preimage, runWitness, satisfierOf, scriptKeys } from "./test-kit.ts";
import { miniscriptText } from "./text.ts";

const CONTEXTS: readonly MiniscriptContext[] = ["wsh", "tapscript"];

const parse = (text: string, context: MiniscriptContext) => parseMiniscript(text, context, Number);
const compile = (node: Miniscript<number>) => compileMiniscript(node, (key) => keyBytes(key, node.context));
const text = (node: Miniscript<number>) => miniscriptText(node, String);

/** Every key and hash of a miniscript, and its lock times. */
function challengesOf(root: Miniscript<number>) {
  const keys: number[] = [];
  const hashes: string[] = [];
  fold(root, (node) => {
    keys.push(...node.keys);
    if (node.hash.length > 0) hashes.push(toHex(node.hash));
  });
  return { keys, hashes };
}

/** Some of what it takes: what has a bit in `bits`; and one kind each of relative and absolute lock times. */
function someMeans(root: Miniscript<number>, bits: number): Means {
  const { keys, hashes } = challengesOf(root);
  const all = [...keys, ...hashes];
  const chosen = all.filter((_, index) => ((bits >> (index % 24)) & 1) === 1);
  const [wantsTime, wantsOlder, wantsAfter] = [24, 25, 26].map((bit) => ((bits >> bit) & 1) === 1);
  return {
    keys: new Set(chosen.filter((one) => typeof one === "number")),
    hashes: new Set(chosen.filter((one) => typeof one === "string")),
    isOver: (kind, number) =>
      kind === "older"
        ? wantsOlder! && ((number & (1 << 22)) !== 0) === wantsTime
        : wantsAfter! && number >= 500_000_000 === wantsTime,
  };
}

const EVERYTHING = 0x7ffffff;

describe.each(CONTEXTS)("random miniscripts in %s", (context) => {
  test("read the same as text and as script", () => {
    fc.assert(
      fc.property(miniscripts(context), (source) => {
        const node = parse(source, context)!;
        const script = compile(node);
        expect(script.length).toBe(node.scriptSize);
        expect(compile(parse(text(node), context)!)).toEqual(script);
        const decoded = decodeMiniscript(script, context, scriptKeys(context));
        expect(decoded && toHex(compile(decoded))).toBe(toHex(script));
        expect(decoded!.type).toBe(node.type);
        expect(text(decodeMiniscript(compile(decoded!), context, scriptKeys(context))!)).toBe(text(decoded!));
      }),
      { numRuns: 200 },
    );
  });

  test("every satisfaction is valid and no larger than was computed", () => {
    let count = 0;
    fc.assert(
      fc.property(miniscripts(context), fc.integer({ min: 0, max: EVERYTHING }), (source, bits) => {
        const node = parse(source, context)!;
        const means = someMeans(node, bits);
        const witness = satisfyMiniscript(node, satisfierOf(means, context));
        if (witness === undefined) return;
        count++;
        const size = witness.reduce((sum, item) => sum + 1 + item.length, 0);
        expect(size).toBeLessThanOrEqual(node.witnessSizes.satisfied!);
        expect(witness.length).toBeLessThanOrEqual(witnessItemsOf(node)!);
        if (!isWithinOpsLimit(node) || !isWithinStackLimit(node)) return;
        expect(runWitness(compile(node), witness, context, means.isOver), source).toBeUndefined();
      }),
      { numRuns: 300 },
    );
    expect(count).toBeGreaterThan(60);
  });

  test("a sane one is satisfied by all it asks for, and more means never hinder", () => {
    let count = 0;
    fc.assert(
      fc.property(
        miniscripts(context).filter((source) => insanityOf(parse(source, context)!, String) === undefined),
        fc.integer({ min: 0, max: EVERYTHING }),
        fc.integer({ min: 0, max: EVERYTHING }),
        (source, bits, more) => {
          const node = parse(source, context)!;
          count++;
          const satisfy = (means: Means) => satisfyMiniscript(node, satisfierOf(means, context));
          const all = { ...someMeans(node, EVERYTHING), isOver: () => true };
          expect(satisfy(all), source).toBeDefined();
          const lockBits = bits & ~0xffffff;
          const some = someMeans(node, bits);
          if (satisfy(some) !== undefined) {
            expect(satisfy(someMeans(node, (more & 0xffffff) | bits | lockBits)), source).toBeDefined();
          }
        },
      ),
      { numRuns: 100 },
    );
    expect(count).toBe(100);
  });

  test("nobody else can change the witness of a sane one", () => {
    fc.assert(
      fc.property(
        miniscripts(context).filter((source) => isSane(parse(source, context)!, String)),
        fc.integer({ min: 0, max: EVERYTHING }),
        (source, bits) => {
          const node = parse(source, context)!;
          const means = someMeans(node, bits);
          const witness = satisfyMiniscript(node, satisfierOf(means, context));
          if (witness === undefined) return;
          const script = compile(node);
          // Others know the keys, the preimages and what stands in the witness, but no other signature.
          const { keys } = challengesOf(node);
          const pool = [
            new Uint8Array(0),
            Uint8Array.of(1),
            Uint8Array.of(0),
            new Uint8Array(32),
            ...Array.from({ length: 4 }, (_, number) => preimage(number)),
            ...witness,
            ...keys.slice(0, 4).map((key) => keyBytes(key, context)),
          ];
          const changed = [
            ...witness.map((_, index) => witness.toSpliced(index, 1)),
            ...witness.flatMap((_, index) => pool.map((item) => witness.with(index, item))),
            ...[0, witness.length].flatMap((index) => pool.map((item) => witness.toSpliced(index, 0, item))),
          ];
          for (const other of changed) {
            if (other.map(toHex).join() === witness.map(toHex).join()) continue;
            expect(runWitness(script, other, context, means.isOver), `${source} ${other.map(toHex)}`).toBeDefined();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
