/** What the tests of scripts share: vectors, small transactions, fixed randomness. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, test } from "vitest";
import { EMPTY_BYTES, fromHex } from "../bytes/bytes.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { Transaction, type TxInput, type TxOutput } from "../primitives/transaction.ts";
import { parseDisplayHash, type Txid, ZERO_HASH } from "../primitives/types.ts";
import { parseScript } from "./disassemble.ts";
import { NO_SCRIPT_FLAGS, SCRIPT_FLAG_NAMES, ScriptFlag, type ScriptFlags, scriptFlagsFromNames } from "./flags.ts";
import type { ScriptError } from "./script-error.ts";
import { SighashCache } from "./sighash.ts";
import { verifyInput } from "./verify.ts";

const VECTORS_DIR = process.env.VECTORS_DIR ?? resolve(import.meta.dirname, "../../../../../shared/vectors");

/**
 * Describes a suite over a file of vectors, `path` in the folder that VECTORS_DIR names: `bips/` there is the repository of the BIPs,
 * `core/` files of Bitcoin Core. Where the file is absent, a skipped test says so.
 */
export function describeVectors<Cases>(
  path: string,
  title: (cases: Cases) => string,
  body: (cases: Cases) => void,
): void {
  const file = join(VECTORS_DIR, path);
  if (!existsSync(file)) {
    const remedy = "set VECTORS_DIR to the folder of conformance vectors that holds it";
    describe(path, () => test.skip(`not run: there is no file ${file}; ${remedy}`, () => {}));
    return;
  }
  const cases = JSON.parse(readFileSync(file, "utf8")) as Cases;
  describe(title(cases), () => {
    // Titles of suites that pass are not shown, and a run should say how much it tried.
    afterAll(() => console.info(`vectors run: ${title(cases)}`));
    body(cases);
  });
}

/** A script as the vectors write it. */
export function script(text: string): Uint8Array {
  const parsed = parseScript(text);
  if (parsed === undefined) throw new Error(`not a script: ${text}`);
  return parsed;
}

/** Flags as the vectors write them: names with commas, or nothing, or NONE. */
export function flagsOf(text: string): ScriptFlags {
  return text === "" || text === "NONE" ? NO_SCRIPT_FLAGS : scriptFlagsFromNames(text.split(","));
}

export const ALL_FLAGS: readonly ScriptFlags[] = SCRIPT_FLAG_NAMES.map((name) => ScriptFlag[name]);

/** Without the flags that need others which are not there. */
export function trimFlags(flags: ScriptFlags): ScriptFlags {
  const withP2sh = flags & ScriptFlag.P2SH ? flags : flags & ~ScriptFlag.WITNESS;
  return withP2sh & ScriptFlag.WITNESS ? withP2sh : withP2sh & ~ScriptFlag.CLEANSTACK;
}

/** With the flags that others need. */
export function fillFlags(flags: ScriptFlags): ScriptFlags {
  const withWitness = flags & ScriptFlag.CLEANSTACK ? flags | ScriptFlag.WITNESS : flags;
  return withWitness & ScriptFlag.WITNESS ? withWitness | ScriptFlag.P2SH : withWitness;
}

/** Numbers in [0, bound) from a seed, the same on every run. */
export function seededRandom(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x100000000) * bound);
  };
}

/** Copy of `bytes` with one bit other. */
export function withFlippedBit(bytes: Uint8Array, index: number, bit = 0): Uint8Array {
  const copy = bytes.slice();
  copy[index]! ^= 1 << bit;
  return copy;
}

export function outPoint(displayTxid: string, index: number): TxInput["previousOutput"] {
  return { txid: parseDisplayHash<Txid>(displayTxid)!, index };
}

/** Core's crediting transaction: a coinbase that pays `value` to the script. */
export function creditingTransaction(scriptPubKey: Uint8Array, value: bigint): Transaction {
  const input = {
    previousOutput: { txid: ZERO_HASH as Txid, index: 0xffffffff },
    scriptSig: fromHex("0000"),
    sequence: 0xffffffff,
    witness: [],
  };
  return new Transaction({ version: 1, inputs: [input], outputs: [{ value, scriptPubKey }], lockTime: 0 });
}

export interface Spend {
  readonly scriptPubKey: Uint8Array;
  readonly scriptSig?: Uint8Array;
  readonly witness?: readonly Uint8Array[];
  readonly value?: bigint;
  readonly version?: number;
  readonly sequence?: number;
  readonly lockTime?: number;
}

/** Core's spending transaction, which takes all of the crediting one's output to an empty script. */
export function spendingTransaction(spend: Spend): { readonly tx: Transaction; readonly cache: SighashCache } {
  const value = spend.value ?? 0n;
  const spent: TxOutput = { value, scriptPubKey: spend.scriptPubKey };
  const credit = creditingTransaction(spend.scriptPubKey, value);
  const tx = new Transaction({
    version: spend.version ?? 1,
    inputs: [
      {
        previousOutput: { txid: credit.txid, index: 0 },
        scriptSig: spend.scriptSig ?? EMPTY_BYTES,
        sequence: spend.sequence ?? 0xffffffff,
        witness: spend.witness ?? [],
      },
    ],
    outputs: [{ value, scriptPubKey: EMPTY_BYTES }],
    lockTime: spend.lockTime ?? 0,
  });
  return { tx, cache: new SighashCache(tx, [spent]) };
}

/** Why the spend fails under `flags`; nothing where it does not. */
export function verifySpend(spend: Spend, flags: ScriptFlags): ScriptError | undefined {
  const { tx, cache } = spendingTransaction(spend);
  return verifyInput(tx, 0, cache, flags, portableSecp256k1);
}
