import { expect, test } from "vitest";
import { fromHex } from "../bytes/bytes.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { ALL_SCRIPT_FLAGS, ScriptFlag, type ScriptFlags, scriptFlagNames } from "./flags.ts";
import { TAPSCRIPT_LEAF_VERSION, tapLeafHash, tapTweakHash } from "./taproot.ts";
import { payToTaproot } from "./templates.ts";
import {
  ALL_FLAGS,
  describeVectors,
  fillFlags,
  flagsOf,
  type Spend,
  script,
  seededRandom,
  trimFlags,
  verifySpend,
} from "./test-kit.ts";

type Case = readonly [...witness: [readonly (string | number)[]] | [], string, string, string, string, string?];

const CASE_COUNT = 1222;
const RANDOM_COMBINATIONS = 6;

/** The taproot vectors leave tree and output to the test: one leaf under the key whose private key is 1. */
const PRIVATE_KEY_ONE = Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? 1 : 0));

function taprootOf(leafScript: Uint8Array): { controlBlock: Uint8Array; scriptPubKey: Uint8Array } {
  const internalKey = portableSecp256k1.publicKeyOf(PRIVATE_KEY_ONE, true).subarray(1);
  const tweak = tapTweakHash(internalKey, tapLeafHash(TAPSCRIPT_LEAF_VERSION, leafScript));
  const output = portableSecp256k1.tweakXOnly(internalKey, tweak)!;
  const controlBlock = Uint8Array.of(TAPSCRIPT_LEAF_VERSION | output.parity, ...internalKey);
  return { controlBlock, scriptPubKey: payToTaproot(output.x) };
}

function spendOf(one: Case): { spend: Spend; flags: ScriptFlags; expected: string; label: string } {
  const [witnessItems, rest] = Array.isArray(one[0]) ? [one[0], one.slice(1)] : [undefined, one];
  const [scriptSig, scriptPubKeyText, flagsText, expected, comment] = rest as string[];
  const witness: Uint8Array[] = [];
  let taproot: ReturnType<typeof taprootOf> | undefined;
  for (const item of (witnessItems ?? []).slice(0, -1) as string[]) {
    if (item.startsWith("#SCRIPT#")) {
      const leafScript = script(item.slice("#SCRIPT#".length));
      taproot = taprootOf(leafScript);
      witness.push(leafScript);
    } else witness.push(item === "#CONTROLBLOCK#" ? taproot!.controlBlock : fromHex(item));
  }
  const scriptPubKey = scriptPubKeyText!.includes("#TAPROOTOUTPUT#")
    ? taproot!.scriptPubKey
    : script(scriptPubKeyText!);
  const value = BigInt(Math.round(Number(witnessItems?.at(-1) ?? 0) * 1e8));
  const flags = flagsOf(flagsText!);
  return {
    spend: { scriptSig: script(scriptSig!), scriptPubKey, witness, value },
    flags: flags & ScriptFlag.CLEANSTACK ? fillFlags(flags) : flags,
    expected: expected!,
    label: comment ?? `${scriptSig} | ${scriptPubKeyText}`.slice(0, 80),
  };
}

describeVectors<readonly Case[]>(
  "core/script_tests.json",
  (cases) => `script_tests.json: ${cases.filter((one) => one.length > 1).length} cases`,
  (all) => {
    const cases = all.filter((one) => one.length > 1);

    test("no case is lost", () => {
      expect(cases.length).toBe(CASE_COUNT);
    });

    cases.forEach((one, index) => {
      const { spend, flags, expected, label } = spendOf(one);
      test(`${index} ${expected}: ${label}`, () => {
        expect(verifySpend(spend, flags) ?? "OK").toBe(expected);
      });
    });

    test("fewer flags never refuse what passes, more never accept what fails", () => {
      const random = seededRandom(42);
      const broken: string[] = [];
      let checks = 0;
      for (const one of cases) {
        const { spend, flags, expected, label } = spendOf(one);
        const isValid = expected === "OK";
        const extras = [
          ...ALL_FLAGS,
          ...Array.from({ length: RANDOM_COMBINATIONS }, () => random(ALL_SCRIPT_FLAGS + 1)),
        ];
        const combinations = extras.map((extra) => (isValid ? trimFlags(flags & ~extra) : fillFlags(flags | extra)));
        for (const combined of new Set(combinations)) {
          // The vectors give WITNESS without P2SH to none of their cases, nor CLEANSTACK without both.
          if (combined !== trimFlags(combined)) continue;
          checks += 1;
          if ((verifySpend(spend, combined) === undefined) !== isValid) {
            broken.push(`${label} with ${scriptFlagNames(combined)}`);
          }
        }
      }
      expect(broken).toEqual([]);
      expect(checks).toBeGreaterThan(10_000);
    }, 120_000);
  },
);
