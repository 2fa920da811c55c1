/**
 * The taproot corpus that Bitcoin Core's unit tests read from DIR_UNIT_TEST_DATA (one JSON object a file: a transaction,
 * the outputs it spends, and a witness that must satisfy or must fail). Too large to publish with the other vectors:
 * set TAPROOT_CORPUS to its folder to run it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fromHex } from "../bytes/bytes.ts";
import { Reader } from "../bytes/cursor.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { decodeTransaction, decodeTxOutput, Transaction } from "../primitives/transaction.ts";
import { ScriptFlag, type ScriptFlags, scriptFlagsFromNames } from "./flags.ts";
import { SighashCache } from "./sighash.ts";
import { verifyInput } from "./verify.ts";

const CORPUS = process.env.TAPROOT_CORPUS;

/** Every set of flags that soft forks can have made, those without sense left out. */
const FLAG_SETS: readonly ScriptFlags[] = (() => {
  const { P2SH, DERSIG, CHECKLOCKTIMEVERIFY, CHECKSEQUENCEVERIFY, WITNESS, NULLDUMMY, TAPROOT } = ScriptFlag;
  const flags = [P2SH, DERSIG, CHECKLOCKTIMEVERIFY, CHECKSEQUENCEVERIFY, WITNESS, NULLDUMMY, TAPROOT];
  const sets: ScriptFlags[] = [];
  for (let mask = 0; mask < 1 << flags.length; mask++) {
    const set = flags.reduce((sum, flag, bit) => ((mask >> bit) & 1 ? sum | flag : sum), 0);
    const lacksBase = ((set & WITNESS) !== 0 && (set & P2SH) === 0) || ((set & TAPROOT) !== 0 && (set & WITNESS) === 0);
    if (!lacksBase) sets.push(set);
  }
  return sets;
})();

interface CorpusSpend {
  readonly scriptSig: string;
  readonly witness: readonly string[];
}

interface CorpusCase {
  readonly tx: string;
  readonly prevouts: readonly string[];
  readonly index: number;
  readonly flags: string;
  readonly final?: boolean;
  readonly success?: CorpusSpend;
  readonly failure?: CorpusSpend;
}

function outcomeOf(one: CorpusCase, spend: CorpusSpend, flags: ScriptFlags): boolean {
  const base = decodeTransaction(new Reader(fromHex(one.tx)));
  const spentOutputs = one.prevouts.map((output) => decodeTxOutput(new Reader(fromHex(output))));
  const filled = { scriptSig: fromHex(spend.scriptSig), witness: spend.witness.map(fromHex) };
  const inputs = base.inputs.map((input, index) => (index === one.index ? { ...input, ...filled } : input));
  const { version, outputs, lockTime } = base;
  const tx = new Transaction({ version, inputs, outputs, lockTime });
  return verifyInput(tx, one.index, new SighashCache(tx, spentOutputs), flags, portableSecp256k1) === undefined;
}

describe.skipIf(CORPUS === undefined)("taproot corpus (skipped unless TAPROOT_CORPUS names its folder)", () => {
  test("every spend passes or fails under every set of flags it speaks of", { timeout: 600_000 }, () => {
    const files = readdirSync(CORPUS!);
    const wrong: string[] = [];
    let count = 0;
    for (const file of files) {
      const text = readFileSync(join(CORPUS!, file), "utf8").trim().replace(/,$/, "");
      const one = JSON.parse(text) as CorpusCase;
      const own = scriptFlagsFromNames(one.flags === "" ? [] : one.flags.split(","));
      for (const flags of FLAG_SETS) {
        const { success, failure } = one;
        if (success && (one.final || (flags & own) === flags)) {
          count += 1;
          if (!outcomeOf(one, success, flags)) wrong.push(`${file}: refused under ${flags}`);
        }
        if (failure && (flags & own) === own) {
          count += 1;
          if (outcomeOf(one, failure, flags)) wrong.push(`${file}: accepted under ${flags}`);
        }
      }
    }
    console.info(`taproot corpus: ${count} evaluations of ${files.length} files`);
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(files.length);
  });
});
