import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { seededRandom } from "@bitfleet/protocol/script/test-kit.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { compileMiniscript } from "@bitfleet/wallet/miniscript/compile.ts";
import type { MiniscriptContext } from "@bitfleet/wallet/miniscript/expression.ts";
import { parseMiniscript } from "@bitfleet/wallet/miniscript/parse.ts";
import { isSane } from "@bitfleet/wallet/miniscript/sanity.ts";
import { keyBytes, miniscripts } from "@bitfleet/wallet/miniscript/test-kit.ts";
import { testKeys } from "@bitfleet/wallet/test-kit.ts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NETWORK } from "../../chain/test-kit.ts";
import { type CorePair, fundedChain, openCorePair, scriptsOf, tellIfSkipped } from "./core-pair-test-kit.ts";
import { BITCOIND } from "./core-test-kit.ts";

/**
 * Miniscript in descriptors beside Bitcoin Core: the same calls, the same text, error or not. Set CORE_BITCOIND to the path
 * of a bitcoind to run this.
 */
tellIfSkipped("core-oracle-miniscript");

const SEED = Number(process.env.MINISCRIPT_SEED ?? 1);
const COUNT = 200;
const SLIP_COUNT = 400;

const { addressPrefixes } = NETWORK;
const keys = testKeys(addressPrefixes);
const INTERNAL = toHex(keys[0]!.publicKey.subarray(1));

/** A miniscript with its keys' numbers replaced. */
function keyed(text: string, keyText: (number: number) => string): string {
  const numbers = /(?<=(pk|pkh|pk_k|pk_h)\()\d+|(?<=multi(_a)?\([\d,]*,)\d+(?=[,)])/g;
  return text.replaceAll(numbers, (number) => keyText(Number(number)));
}

/** A miniscript's keys by their numbers, in as many forms as a descriptor may have them in. */
function withKeys(text: string, context: MiniscriptContext, pick: (bound: number) => number): string {
  return keyed(text, (number) => {
    const bytes = toHex(keyBytes(number, context));
    const { xpub, xprv, publicKey } = keys[pick(keys.length)]!;
    const forms = [
      bytes,
      bytes,
      `[${toHex(publicKey.subarray(1, 5))}/${number}h]${bytes}`,
      `${xpub}/${number}/*`,
      `${xpub}/${number}`,
      `${xprv}/<${number};5${number}>/*`,
      `${xprv}/${number}h/*`,
    ];
    return forms[pick(pick(4) === 0 ? forms.length : 5)]!;
  });
}

const SIGNED_COUNT = 40;

/** Descriptors of sane miniscripts with private keys, half of them in each kind of output. */
function signedDescriptors(): readonly string[] {
  return (["wsh", "tapscript"] as const).flatMap((context) =>
    fc
      .sample(miniscripts(context), { numRuns: 40 * SIGNED_COUNT, seed: SEED })
      .filter((text) => text.includes("pk") && isSane(parseMiniscript(text, context, Number)!, String))
      .slice(0, SIGNED_COUNT / 2)
      .map((text) => {
        const script = keyed(text, (number) => `${keys[number % keys.length]!.xprv}/${number}`);
        return context === "wsh" ? `wsh(${script})` : `tr(${INTERNAL},{pk(${INTERNAL}),${script}})`;
      }),
  );
}

const scriptOf = (text: string): Uint8Array => scriptsOf(text)[0]!;

describe.skipIf(BITCOIND === undefined)("Bitcoin Core and we read miniscripts alike", () => {
  let pair: CorePair;
  const signed = BITCOIND === undefined ? [] : signedDescriptors();

  const chain = fundedChain(signed.map(scriptOf), 1);

  beforeAll(async () => {
    pair = await openCorePair(chain.tips);
  }, 60_000);

  afterAll(() => pair?.close());

  const expectSame = (method: string, params?: unknown) => pair.expectSame(method, params);

  const sample = (context: MiniscriptContext, count: number) =>
    fc.sample(miniscripts(context), { numRuns: count, seed: SEED });

  test.each(["wsh", "tapscript"] as const)(
    "random miniscripts in %s",
    async (context) => {
      const pick = seededRandom(SEED);
      let saneCount = 0;
      for (const text of sample(context, COUNT)) {
        const script = withKeys(text, context, pick);
        const descriptor =
          context === "wsh"
            ? `${pick(4) === 0 ? "sh(wsh(" : "wsh("}${script}`
            : `tr(${INTERNAL},${pick(3) === 0 ? `{pk(${INTERNAL}),${script}}` : script}`;
        const closed = descriptor + ")".repeat(descriptor.startsWith("sh(") ? 2 : 1);
        if ((await expectSame("getdescriptorinfo", [closed])).startsWith("{")) saneCount++;
        for (const range of [[], [1]]) await expectSame("deriveaddresses", [withChecksum(closed), ...range]);
      }
      expect(saneCount).toBeGreaterThan(COUNT / 20);
    },
    120_000,
  );

  test("scripts made of miniscripts", async () => {
    for (const text of sample("wsh", COUNT)) {
      const compiled = compileMiniscript(parseMiniscript(text, "wsh", Number)!, (key) => keyBytes(key, "wsh"));
      await expectSame("decodescript", [toHex(compiled)]);
    }
  }, 60_000);

  test("miniscripts with a slip", async () => {
    const pick = seededRandom(SEED + 1);
    const pieces = [
      "(",
      ")",
      ",",
      ":",
      "0",
      "1",
      "v:",
      "s:",
      "a:",
      "c",
      "n",
      "pk",
      "pkh(",
      "older(",
      "thresh(",
      "{",
      "-",
    ];
    for (const context of ["wsh", "tapscript"] as const) {
      for (const text of sample(context, SLIP_COUNT / 2)) {
        const script = withKeys(text, context, pick);
        const at = pick(script.length + 1);
        const slip = pieces[pick(pieces.length)]!;
        const spoiled =
          pick(2) === 0
            ? script.slice(0, at) + script.slice(at + 1 + pick(3))
            : script.slice(0, at) + slip + script.slice(at);
        const around =
          context === "wsh" ? ["wsh(", "sh(", "sh(wsh(", ""] : [`tr(${INTERNAL},`, `tr(${INTERNAL},{pk(${INTERNAL}),`];
        const before = around[pick(around.length)]!;
        const closing = before.includes("{") ? "})" : ")".repeat(before.split("(").length - 1);
        await expectSame("getdescriptorinfo", [before + spoiled + closing]);
      }
    }
  }, 120_000);

  test("what keys, lock times and orders of signers make of PSBTs", async () => {
    const pick = seededRandom(SEED + 2);
    let completeCount = 0;
    for (const [index, text] of signed.entries()) {
      const sequence = [0xfffffffe, 10, 144, 4194304 + 100][pick(4)]!;
      const lockTime = [0, 100, 500_000_001][pick(3)]!;
      const inputs = [{ txid: chain.txid, vout: chain.firstVout + index, sequence }];
      let psbt = JSON.parse(await expectSame("createpsbt", [inputs, [{ data: "00" }], lockTime])) as string;
      // One signer has the keys of a root, the last has all.
      for (const some of [...keys.slice(0, 2).map(({ xprv }) => xprv), undefined]) {
        const known = keys.reduce(
          (all, { xprv, xpub }) => (some === undefined || some === xprv ? all : all.replaceAll(xprv, xpub)),
          text,
        );
        const answer = await expectSame("descriptorprocesspsbt", [psbt, [known], "ALL"]);
        expect(answer, text).toMatch(/^\{/);
        const { complete, psbt: next } = JSON.parse(answer) as { complete: boolean; psbt: string };
        await expectSame("analyzepsbt", [next]);
        psbt = next;
        if (complete) {
          completeCount++;
          break;
        }
      }
      await expectSame("finalizepsbt", [psbt]);
    }
    expect(completeCount).toBeGreaterThan(SIGNED_COUNT / 4);
  }, 120_000);

  test("what is not sane, and where", async () => {
    const [A, B, C] = keys.map(({ publicKey }) => toHex(publicKey)) as [string, string, string];
    const { xprv } = keys[0]!;
    const HASH = "ab".repeat(32);
    const many = (count: number, around: string) => around.repeat(count);
    for (const script of [
      `and_v(pk(${A}),older(1))`,
      `or_i(older(1),pk(${A}))`,
      `or_b(sha256(${HASH}),s:pk(${A}))`,
      `and_b(and_b(older(1),a:older(4194305)),s:pk(${A}))`,
      `and_v(v:pk(${A}),and_v(v:after(1),after(500000000)))`,
      `and_b(or_b(pkh(${A}),s:pk(${B})),s:pk(${A}))`,
      `and_v(v:pk(${A}),older(0))`,
      `and_v(v:pk(${A}),older(2147483648))`,
      `and_v(v:pk(${A}),older(-1))`,
      `and_v(v:pk(${A}),older(+1))`,
      `and_v(v:pk(${A}),older(01))`,
      `and_v(v:pk(${A}),older(70000))`,
      `and_v(v:pk(${A}),0)`,
      `or_d(pk(${A}),0)`,
      `andor(0,pk(${A}),pk(${B}))`,
      `and_v(v:pk(${xprv}/0h),pk(${xprv}/1h))`,
      `and_v(v:pk(${xprv}/0),pk(${xprv}/0))`,
      `and_v(v:pk(${xprv}/<0;1>),pk(${xprv}/<2;3;4>))`,
      `and_v(v:pk(${xprv}/<0;1>),pk(${xprv}/<2;0>))`,
      `and_v(vv:pk(${A}),pk(${B}))`,
      `thresh(1,pk(${A}),s:pk(${B}))`,
      `thresh(2,pk(${A}),s:pk(${B}),sdv:older(1))`,
      `thresh(2,pk(${A}),s:pk(${B}),sndv:older(1))`,
      `thresh(0,pk(${A}))`,
      `thresh(3,pk(${A}),s:pk(${B}))`,
      `multi_a(1,${A},${B})`,
      `and_v(v:multi(1,${A},${B}),pk(${C}))`,
      `and_v(v:multi_a(1,${A},${B}),pk(${C}))`,
      `and_v(v:multi(3,${A},${B}),pk(${C}))`,
      `and_v(v:pk(${A}),multi(1,${A.slice(2)}))`,
      `and_v(v:pk(04),older(1))`,
      `and_v(v:pk(),older(1))`,
      `and_v(v:pk(${A}),pk(musig(${B},${C})))`,
      `pk_k(${A})`,
      `c:pk_k(${A})`,
      `a:pk(${A})`,
      `lltvln:pk(${A})`,
      `tv:pk(${A})`,
      `j:pk(${A})`,
      `${many(300, "n")}:pk(${A})`,
      `${many(4000, "n")}:pk(${A})`,
      `${many(60, `and_b(pk(${A}),a:`)}1${many(60, ")")}`,
      `${many(998, "and_b(older(1),a:")}pk(${A})${many(998, ")")}`,
      `${many(999, "and_b(older(1),a:")}pk(${A})${many(999, ")")}`,
      `1`,
      `0`,
      `older(1)`,
      ``,
    ]) {
      for (const [before, after] of [
        ["wsh(", ")"],
        ["sh(", ")"],
        ["", ""],
        [`tr(${INTERNAL},`, ")"],
        [`tr(${INTERNAL},{pk(${C}),`, "})"],
      ] as const) {
        await expectSame("getdescriptorinfo", [before + script + after]);
      }
    }
  }, 60_000);
});
