import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Reader } from "../bytes/cursor.ts";
import { type Block, decodeBlock } from "../primitives/block.ts";
import { displayHash, type Hash256, parseDisplayHash } from "../primitives/types.ts";
import { describeVectors, script } from "../script/test-kit.ts";
import {
  basicFilterMatchesAny,
  buildBasicFilter,
  checkBasicFilter,
  FIRST_PREVIOUS_FILTER_HEADER,
  filterHashOf,
  filterHeaderOf,
  type SpentOutputs,
} from "./block-filter.ts";

const outputs = (scripts: readonly Uint8Array[]) => scripts.map((scriptPubKey) => ({ value: 1n, scriptPubKey }));
const spentOf = (scripts: readonly Uint8Array[]): SpentOutputs => ({
  transactions: [outputs(scripts).map((output) => ({ output }))],
});

type Row = readonly [
  height: number,
  blockHash: string,
  block: string,
  spentScripts: readonly string[],
  previousHeader: string,
  filter: string,
  header: string,
  note: string,
];

for (const path of ["core/blockfilters.json", "bips/bip-0158/testnet-19.json"]) {
  describeVectors<readonly (Row | readonly [string])[]>(
    path,
    (rows) => `${path}: ${rows.length - 1} blocks`,
    (rows) => {
      const cases = rows.filter((row): row is Row => row.length > 1);
      test.each(cases)("block %i: $7", (_height, blockHash, block, spent, previous, filter, header) => {
        const decoded = decodeBlock(fromHex(block));
        expect(displayHash(decoded.hash)).toBe(blockHash);
        const scripts = spent.map((text) => fromHex(text));
        const built = buildBasicFilter(decoded, spentOf(scripts));
        expect(toHex(built)).toBe(filter);
        const previousHeader = parseDisplayHash<Hash256>(previous)!;
        expect(displayHash(filterHeaderOf(filterHashOf(built), previousHeader))).toBe(header);
        expect(checkBasicFilter(built)).toBe(new Reader(built).compactSize());
        for (const wanted of scripts.filter(({ length }) => length > 0)) {
          expect(basicFilterMatchesAny(built, decoded.hash, [wanted])).toBe(true);
        }
      });
    },
  );
}

describe("the basic filter (BIP158)", () => {
  const included = ["0 'aa'", "DUP HASH160 'bb' EQUALVERIFY CHECKSIG", "1 'cc' 1 CHECKMULTISIG"].map(script);
  const spent = [script("0 'dddd'"), script("4 ADD 8 EQUAL"), script("RETURN 'ee'")];
  const excluded = [script("RETURN 'ff'"), script("RETURN 4 ADD"), new Uint8Array(0), script("'99' CHECKSIG")];
  const paying = (scripts: readonly Uint8Array[]) =>
    ({
      hash: parseDisplayHash(`${"00".repeat(20)}${"17".repeat(12)}`)!,
      transactions: [{ outputs: outputs(scripts) }],
    }) as unknown as Pick<Block, "hash" | "transactions">;
  const block = paying([...included, ...excluded.slice(0, 3)]);
  const filter = buildBasicFilter(block, spentOf([...spent, new Uint8Array(0)]));
  const has = (one: Uint8Array) => basicFilterMatchesAny(filter, block.hash, [one]);

  test("has the scripts that are paid to and those that are spent from", () => {
    expect(checkBasicFilter(filter)).toBe(6);
    for (const one of [...included, ...spent]) expect(has(one)).toBe(true);
  });

  test("has no output that begins with OP_RETURN, no empty script and no stranger", () => {
    for (const one of excluded) expect(has(one)).toBe(false);
  });

  test("a script of outputs and inputs counts once", () => {
    const twice = buildBasicFilter(paying([...included, ...included]), spentOf([included[0]!]));
    expect(checkBasicFilter(twice)).toBe(3);
  });

  test("is keyed by the block: under another hash it has nothing", () => {
    const other = parseDisplayHash(`${"00".repeat(20)}${"18".repeat(12)}`)!;
    expect(basicFilterMatchesAny(filter, other as Block["hash"], included)).toBe(false);
  });

  test("of a block without scripts is empty, and its header still depends on the one before", () => {
    const empty = buildBasicFilter(paying([]), { transactions: [] });
    expect(toHex(empty)).toBe("00");
    const first = filterHeaderOf(filterHashOf(empty), FIRST_PREVIOUS_FILTER_HEADER);
    expect(filterHeaderOf(filterHashOf(empty), first)).not.toEqual(first);
  });

  test("bytes that are no filter throw", () => {
    expect(() => basicFilterMatchesAny(fromHex("05ff"), block.hash, included)).toThrow(DecodeError);
    expect(() => checkBasicFilter(fromHex("05ff"))).toThrow(DecodeError);
  });
});
