import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { OutPoint, Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { base64 } from "@scure/base";
import { allAtOnce, type Steps } from "../steps.ts";
import { GLOBAL_KEYS, GLOBAL_TABLE, type GlobalContent } from "./global-keys.ts";
import { INPUT_KEYS, INPUT_TABLE, type InputContent } from "./input-keys.ts";
import { type DecodeContext, draftOf, readMap, writeMap } from "./key-table.ts";
import { OUTPUT_KEYS, OUTPUT_TABLE, type OutputContent } from "./output-keys.ts";
import { blankInput, blankOutput, type Psbt, type PsbtInput, type PsbtOutput, type PsbtVersion } from "./psbt.ts";
import { asPsbtError, PsbtError, refuse } from "./psbt-error.ts";
import { unsignedTransactionOf } from "./unsigned-transaction.ts";

/** `psbt` and a byte that no text has. */
const MAGIC = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff);

/** Longest encoding that is read, in bytes; Core sets the same limit for files. */
export const PSBT_SIZE_MAX = 100_000_000;

/** The curve is asked whether what stands for a public key is one. */
export type PsbtCurve = Pick<Secp256k1, "isPublicKey">;

/** Decodes base 64. Throws {@link PsbtError}, and nothing else, whatever the text is. */
export function psbtFromBase64(text: string, secp256k1: PsbtCurve): Psbt {
  return decodePsbt(bytesOfBase64(text), secp256k1);
}

/** The bytes of a PSBT in base 64. Throws {@link PsbtError} where it is no such text. */
export function bytesOfBase64(text: string): Uint8Array {
  try {
    return base64.decode(text);
  } catch {
    // The library tells other text by throwing.
    throw new PsbtError("invalid base64", "base64");
  }
}

export function psbtToBase64(psbt: Psbt): string {
  return base64.encode(encodePsbt(psbt));
}

/**
 * Decodes a PSBT of either version (BIP174, BIP370), all of `bytes`, which the result holds views of. Throws
 * {@link PsbtError}, and nothing else, whatever the bytes are.
 */
export function decodePsbt(bytes: Uint8Array, secp256k1: PsbtCurve): Psbt {
  return allAtOnce(decodingSteps(bytes, secp256k1));
}

/** {@link decodePsbt}, a step for each input. */
export function* decodingSteps(bytes: Uint8Array, secp256k1: PsbtCurve): Steps<Psbt> {
  if (bytes.length > PSBT_SIZE_MAX) throw new PsbtError(`PSBT of more than ${PSBT_SIZE_MAX} bytes`);
  const reader = new Reader(bytes);
  const psbt = yield* readingSteps(reader, secp256k1);
  if (reader.remaining > 0) throw new PsbtError("extra data after PSBT", "trailing");
  return psbt;
}

function* readingSteps(reader: Reader, secp256k1: PsbtCurve): Steps<Psbt> {
  try {
    return yield* readPsbt(reader, secp256k1);
  } catch (error) {
    throw asPsbtError(error);
  }
}

function* readPsbt(reader: Reader, secp256k1: PsbtCurve): Steps<Psbt> {
  if (!equalBytes(reader.bytes(MAGIC.length), MAGIC)) refuse("Invalid PSBT magic bytes");
  const map = draftOf(BLANK_GLOBAL);
  // The first map says which version it is; nothing in it is read differently for that.
  readMap("global", GLOBAL_TABLE, map, reader, { version: 2, secp256k1 });
  const version = checkedVersion(map);
  const context = { version, secp256k1 };
  const spends = map.unsignedTx?.inputs.map((input) => blankInput(input.previousOutput, input.sequence));
  const inputCount = spends?.length ?? map.inputCount!;
  const inputs: PsbtInput[] = [];
  while (reader.remaining > 0 && inputs.length < inputCount) {
    inputs.push(readInput(reader, spends?.[inputs.length], context));
    yield { work: "check", done: inputs.length, total: inputCount };
  }
  if (inputs.length < inputCount) refuse("Inputs provided does not match the number of inputs in transaction.");
  const outputCount = map.unsignedTx?.outputs.length ?? map.outputCount!;
  const outputs: PsbtOutput[] = [];
  while (reader.remaining > 0 && outputs.length < outputCount) {
    outputs.push(readOutput(reader, map.unsignedTx?.outputs[outputs.length], context));
  }
  if (outputs.length < outputCount) refuse("Outputs provided does not match the number of outputs in transaction.");
  const { xpubs, modifiable, proprietary, unknown, unsignedTx } = map;
  const txVersion = unsignedTx?.version ?? map.txVersion!;
  const fallbackLockTime = unsignedTx?.lockTime ?? map.fallbackLockTime;
  return { version, txVersion, fallbackLockTime, modifiable, xpubs, proprietary, unknown, inputs, outputs };
}

const BLANK_GLOBAL: GlobalContent = {
  unsignedTx: undefined,
  xpubs: new Map(),
  txVersion: undefined,
  fallbackLockTime: undefined,
  inputCount: undefined,
  outputCount: undefined,
  modifiable: undefined,
  version: undefined,
  proprietary: new Map(),
  unknown: new Map(),
};

/** Which version a first map is of, if it is what that version asks for. */
function checkedVersion(map: GlobalContent): PsbtVersion {
  const { unsignedTx, txVersion, fallbackLockTime, inputCount, outputCount, modifiable } = map;
  const notIn0 = (name: string, value: number | undefined) => {
    if (value !== undefined) refuse(`PSBT_GLOBAL_${name} is not allowed in PSBTv0`);
  };
  const neededIn2 = (name: string, value: number | undefined) => {
    if (value === undefined) refuse(`PSBT_GLOBAL_${name} is required in PSBTv2`);
  };
  switch (map.version ?? 0) {
    case 0:
      if (unsignedTx === undefined) refuse("No unsigned transaction was provided");
      notIn0("TX_VERSION", txVersion);
      notIn0("FALLBACK_LOCKTIME", fallbackLockTime);
      notIn0("INPUT_COUNT", inputCount);
      notIn0("OUTPUT_COUNT", outputCount);
      notIn0("TX_MODIFIABLE", modifiable);
      return 0;
    case 1:
      return refuse("There is no PSBT version 1");
    default:
      neededIn2("TX_VERSION", txVersion);
      neededIn2("INPUT_COUNT", inputCount);
      neededIn2("OUTPUT_COUNT", outputCount);
      if (unsignedTx !== undefined) refuse("PSBT_GLOBAL_UNSIGNED_TX is not allowed in PSBTv2");
      return 2;
  }
}

const NOWHERE = blankInput({ txid: new Uint8Array(32), index: 0 } as unknown as OutPoint, undefined);

/** `spend`: what the unsigned transaction of version 0 says of it. */
function readInput(reader: Reader, spend: PsbtInput | undefined, context: DecodeContext): PsbtInput {
  const { previousOutput, preimages, ...blank } = spend ?? NOWHERE;
  const draft = draftOf<InputContent>({
    ...blank,
    preimages: draftOf(preimages),
    previousTxid: spend?.previousOutput.txid,
    previousIndex: spend?.previousOutput.index,
  });
  readMap("input", INPUT_TABLE, draft, reader, context);
  const { previousTxid, previousIndex, ...rest } = draft;
  if (previousTxid === undefined) return refuse("Previous TXID is required in PSBTv2");
  if (previousIndex === undefined) return refuse("Previous output's index is required in PSBTv2");
  checkSpentTransaction(draft.nonWitnessUtxo, { txid: previousTxid, index: previousIndex });
  return { ...rest, previousOutput: { txid: previousTxid, index: previousIndex } };
}

/** CVE-2020-14199: a transaction that is not the one spent could tell a signer of other amounts. */
function checkSpentTransaction(tx: Transaction | undefined, spent: OutPoint): void {
  if (tx === undefined) return;
  if (!equalBytes(tx.txid, spent.txid)) refuse("Non-witness UTXO does not match outpoint hash");
  if (spent.index >= tx.outputs.length) refuse("Input specifies output index that does not exist");
}

function readOutput(reader: Reader, output: TxOutput | undefined, context: DecodeContext): PsbtOutput {
  const blank = blankOutput(output ?? { value: 0n, scriptPubKey: MAGIC });
  const draft = draftOf<OutputContent>({ ...blank, value: output?.value, scriptPubKey: output?.scriptPubKey });
  readMap("output", OUTPUT_TABLE, draft, reader, context);
  const { value, scriptPubKey, taprootTree = [], ...rest } = draft;
  if (value === undefined) return refuse("Output amount is required in PSBTv2");
  if (scriptPubKey === undefined) return refuse("Output script is required in PSBTv2");
  return { ...rest, value, scriptPubKey, taprootTree };
}

/** The bytes of a PSBT, the same for the same content as Core's: pairs in fixed order, those of one type sorted. */
export function encodePsbt(psbt: Psbt): Uint8Array {
  const { version } = psbt;
  const out = new Writer(1024).bytes(MAGIC);
  writeMap(GLOBAL_KEYS, globalContent(psbt), { isFinal: false, version }, out);
  for (const { previousOutput, ...input } of psbt.inputs) {
    const content = { ...input, previousTxid: previousOutput.txid, previousIndex: previousOutput.index };
    writeMap(INPUT_KEYS, content, { isFinal: isFinalInput(input), version }, out);
  }
  for (const output of psbt.outputs) {
    const taprootTree = output.taprootTree.length === 0 ? undefined : output.taprootTree;
    writeMap(OUTPUT_KEYS, { ...output, taprootTree }, { isFinal: false, version }, out);
  }
  return out.finish();
}

function globalContent(psbt: Psbt): GlobalContent {
  const { version, xpubs, proprietary, unknown } = psbt;
  const common = { ...BLANK_GLOBAL, xpubs, proprietary, unknown };
  if (version < 2) return { ...common, unsignedTx: unsignedTransactionOf(psbt) };
  const { txVersion, fallbackLockTime, modifiable, inputs, outputs } = psbt;
  const counts = { inputCount: inputs.length, outputCount: outputs.length };
  return { ...common, txVersion, fallbackLockTime, modifiable, ...counts, version };
}

/** Whether an input has its script or witness. */
export function isFinalInput({ finalScriptSig, finalWitness }: Pick<PsbtInput, "finalScriptSig" | "finalWitness">) {
  return finalScriptSig !== undefined || finalWitness !== undefined;
}
