import { describe, expect, test } from "vitest";
import { output, transaction } from "../consensus/test-kit.ts";
import {
  dataOutput,
  payToAnchor,
  payToMultisig,
  payToPublicKey,
  payToPublicKeyHash,
  payToScriptHash,
  payToTaproot,
  payToWitnessProgram,
  payToWitnessPublicKeyHash,
  payToWitnessScriptHash,
} from "../script/templates.ts";
import { DUST_RELAY_FEERATE_DEFAULT, dustOutputs, dustThreshold } from "./dust.ts";

const KEY = new Uint8Array(33).fill(2);
const LONG_KEY = new Uint8Array(65).fill(4);

/** Thresholds at 3000 sat/kvB: three satoshis for each vbyte of the output and of the input that spends it. */
const THRESHOLDS: readonly (readonly [name: string, script: Uint8Array, threshold: bigint])[] = [
  ["pay to public key", payToPublicKey(KEY), 576n],
  ["pay to uncompressed public key", payToPublicKey(LONG_KEY), 672n],
  ["P2PKH", payToPublicKeyHash(new Uint8Array(20)), 546n],
  ["P2SH", payToScriptHash(new Uint8Array(20)), 540n],
  ["P2WPKH", payToWitnessPublicKeyHash(new Uint8Array(20)), 294n],
  ["P2WSH", payToWitnessScriptHash(new Uint8Array(32)), 330n],
  ["P2TR", payToTaproot(new Uint8Array(32)), 330n],
  ["P2A", payToAnchor(), 240n],
  ["witness version 16 of 40 bytes", payToWitnessProgram(16, new Uint8Array(40)), 354n],
  ["bare multisig of one key", payToMultisig(1, [KEY]), 582n],
  ["bare multisig of three keys", payToMultisig(1, [KEY, KEY, KEY]), 786n],
  ["script of 10,000 bytes", new Uint8Array(10_000).fill(0x51), 30_477n],
];

describe("dust at the default feerate", () => {
  test.each(THRESHOLDS)("%s", (_, script, threshold) => {
    expect(dustThreshold(output(0n, script), DUST_RELAY_FEERATE_DEFAULT)).toBe(threshold);
    const tx = transaction({ outputs: [output(threshold, script), output(threshold - 1n, script)] });
    expect(dustOutputs(tx, DUST_RELAY_FEERATE_DEFAULT)).toEqual([1]);
  });

  test.each([
    ["data", dataOutput(new Uint8Array(40))],
    ["a script of 10,001 bytes", new Uint8Array(10_001).fill(0x51)],
  ])("%s is spent by nobody, so nothing is too little for it", (_, script) => {
    expect(dustThreshold(output(0n, script), DUST_RELAY_FEERATE_DEFAULT)).toBe(0n);
  });
});

describe("dust at other feerates", () => {
  const keyHash = output(0n, payToPublicKeyHash(new Uint8Array(20)));

  test("is rounded up to a satoshi", () => {
    expect(dustThreshold(keyHash, 1n)).toBe(1n);
    expect(dustThreshold(keyHash, 3001n)).toBe(547n);
  });

  test("there is none at 0", () => {
    expect(dustThreshold(keyHash, 0n)).toBe(0n);
    expect(dustOutputs(transaction({ outputs: [keyHash] }), 0n)).toEqual([]);
  });
});
