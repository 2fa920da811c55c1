import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { OutPoint, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { holdsItsInputs, transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { checkingWorkOf } from "@bitfleet/wallet/psbt/checking-work.ts";
import { bytesOfBase64, decodingSteps, isFinalInput, psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { combinePsbts } from "@bitfleet/wallet/psbt/combine.ts";
import { fillingSteps, type PsbtMaterials, withPreviousTransactions } from "@bitfleet/wallet/psbt/fill.ts";
import { finalizingSteps } from "@bitfleet/wallet/psbt/finalize.ts";
import { keychainMaterials } from "@bitfleet/wallet/psbt/keychain-materials.ts";
import type { Psbt, PsbtInput } from "@bitfleet/wallet/psbt/psbt.ts";
import { PsbtError } from "@bitfleet/wallet/psbt/psbt-error.ts";
import { isInputVerified, psbtFillErrorText, sighashesOf, spentOutputOf } from "@bitfleet/wallet/psbt/sign-input.ts";
import { unsignedTransactionOf } from "@bitfleet/wallet/psbt/unsigned-transaction.ts";
import { addNamedKeys, namesFingerprint } from "@bitfleet/wallet/self-custody/phrase-psbt.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { Steps } from "@bitfleet/wallet/steps.ts";
import type { PsbtSummary } from "./account.ts";
import { type HistoryContext, partOf } from "./account-history.ts";
import { sharedStanding, withoutFalseSignatures } from "./psbt-signers.ts";
import type { CosignerSummary } from "./records.ts";

/** PSBTs as an account sees them: read, signed, brought together, made into transactions. In steps: one may have more than a thousand inputs. */

/** Characters of a PSBT in base 64, and signatures that are checked of one: what a person hands around is far below. */
const PSBT_LENGTH_MAX = 4_000_000;
const OPERATIONS_MAX = 20_000;
const PSBT_MAGIC = 0x70;
/** A fee above this share of what is paid is pointed out. */
const FEE_SHARE_MAX = 10n;

/** Throws `Error` with a sentence where it is none. */
export function* readPsbtText(text: string | Uint8Array, context: HistoryContext): Steps<Psbt> {
  const { secp256k1 } = context.keeper.custody.context;
  if (text.length > PSBT_LENGTH_MAX) throw new Error("The PSBT is larger than any transaction.");
  try {
    const psbt = yield* decodingSteps(bytesOf(text), secp256k1);
    if (checkingWorkOf(psbt).operations > OPERATIONS_MAX)
      throw new Error("The PSBT has more signatures to check than any transaction could.");
    return psbt;
  } catch (error) {
    if (!(error instanceof PsbtError)) throw error;
    throw new Error(`This is no PSBT that can be read: ${error.message.replace(/\.+$/u, "")}.`, { cause: error });
  }
}

/** A file has the bytes themselves, or their text. */
function bytesOf(given: string | Uint8Array): Uint8Array {
  if (typeof given !== "string" && given[0] === PSBT_MAGIC && given[4] === 0xff) return given;
  const text = typeof given === "string" ? given : new TextDecoder().decode(given);
  return bytesOfBase64(text.replace(/\s+/gu, ""));
}

/** What the account knows of it added: scripts, where keys come from, what is spent. */
export function* describedPsbt(psbt: Psbt, { keeper }: HistoryContext): Steps<Psbt> {
  const { custody } = keeper;
  const find = ({ txid }: OutPoint) => {
    const record = custody.ledger.transaction(txid);
    return record && transactionOf(record);
  };
  const known = withSpentByFinal(withPreviousTransactions(psbt, find), find);
  const { psbt: filled } = yield* fillingSteps(
    known,
    keychainMaterials(custody.keychain),
    { sign: false, finalize: false },
    custody.context.secp256k1,
  );
  const isKnown = (input: PsbtInput) => {
    const spent = spentOutputOf(input);
    return (
      input.nonWitnessUtxo !== undefined &&
      spent !== undefined &&
      custody.keychain.ownerOf(spent.scriptPubKey) !== undefined
    );
  };
  return yield* withoutFalseSignatures(filled, isKnown, custody.context.secp256k1);
}

/** Of inputs that are final and do not say what they spend, as those of a transaction that a signer handed back. */
function withSpentByFinal(psbt: Psbt, find: (outPoint: OutPoint) => Transaction | undefined): Psbt {
  const inputs = psbt.inputs.map((input) => {
    if (!isFinalInput(input) || spentOutputOf(input) !== undefined) return input;
    return { ...input, nonWitnessUtxo: find(input.previousOutput) };
  });
  return { ...psbt, inputs };
}

/** `fingerprints`: of the master keys that this account signs with, in hex. `cosigners`: what is known of those who sign with others. */
export function* psbtSummary(
  psbt: Psbt,
  fingerprints: ReadonlySet<string>,
  cosigners: readonly CosignerSummary[],
  context: HistoryContext,
): Steps<PsbtSummary> {
  const { custody } = context.keeper;
  const { secp256k1 } = custody.context;
  const described = yield* describedPsbt(psbt, context);
  const finished = yield* finalizingSteps(described, secp256k1);
  const sighashes = sighashesOf(finished.psbt);
  const inputs: PsbtSummary["inputs"][number][] = [];
  for (const [index, input] of finished.psbt.inputs.entries()) {
    const spent = spentOutputOf(input);
    const part = spent
      ? partOf(spent.scriptPubKey, spent.value, context)
      : { address: undefined, value: undefined, owner: "other" as const, label: "" };
    const isSigned =
      sighashes !== undefined && spent !== undefined && isInputVerified(input, index, sighashes, secp256k1);
    inputs.push({ ...part, isSigned, canSign: !isSigned && canSign(described.inputs[index]!, fingerprints, context) });
    yield { work: "check", done: inputs.length, total: finished.psbt.inputs.length };
  }
  const outputs = finished.psbt.outputs.map(({ scriptPubKey, value }) => partOf(scriptPubKey, value, context));
  const fee = feeOf(finished.psbt);
  const isComplete = inputs.length > 0 && inputs.every(({ isSigned }) => isSigned);
  return {
    psbt: psbtToBase64(finished.psbt),
    inputs,
    outputs,
    fee,
    isComplete,
    shared: isComplete ? undefined : yield* sharedStanding(described, cosigners, secp256k1),
    warnings: [...foreignWarnings(inputs), ...warningsOf(finished.psbt, fee, context)],
  };
}

/** Whoever passes a payment on may have put coins into it that another wallet of this device keeps: its phrase would sign for them, too. */
function foreignWarnings(inputs: PsbtSummary["inputs"]): readonly string[] {
  const isOwnInput = ({ owner }: PsbtSummary["inputs"][number]) => owner === "mine" || owner === "change";
  return inputs.some(isOwnInput) && inputs.some((input) => input.canSign && !isOwnInput(input))
    ? [
        "It spends coins of others, too, for which keys of this device would sign: they may be those of another wallet that is here, and are not counted in what this account pays.",
      ]
    : [];
}

function canSign(input: PsbtInput, fingerprints: ReadonlySet<string>, { keeper }: HistoryContext): boolean {
  const { custody } = keeper;
  if ([...fingerprints].some((fingerprint) => namesFingerprint(input, fingerprint)))
    return !hasOwnSignature(input, fingerprints);
  const script = spentOutputOf(input)?.scriptPubKey;
  return custody.signs && script !== undefined && custody.keychain.ownerOf(script) !== undefined;
}

/** Of those whose keys are ours by their origin, none is missing. */
function hasOwnSignature(input: PsbtInput, fingerprints: ReadonlySet<string>): boolean {
  const signed = new Set([...input.partialSignatures.values()].map(({ publicKey }) => publicKey.join()));
  const own = [...input.derivations.values()].filter(({ origin }) =>
    fingerprints.has([...origin.fingerprint].map((byte) => byte.toString(16).padStart(2, "0")).join("")),
  );
  return own.length > 0 && own.every(({ publicKey }) => signed.has(publicKey.join()));
}

/** `undefined` where an input does not say what it spends. */
export function feeOf({ inputs, outputs }: Psbt): Sats | undefined {
  let fee = 0n;
  for (const input of inputs) {
    const spent = spentOutputOf(input);
    if (spent === undefined) return undefined;
    fee += spent.value;
  }
  for (const { value } of outputs) fee -= value;
  return fee;
}

function warningsOf(psbt: Psbt, fee: Sats | undefined, { keeper }: HistoryContext): readonly string[] {
  const { custody } = keeper;
  const warnings: string[] = [];
  const paid = psbt.outputs
    .filter(({ scriptPubKey }) => custody.keychain.ownerOf(scriptPubKey) === undefined)
    .reduce((sum, { value }) => sum + value, 0n);
  if (fee === undefined)
    warnings.push("It does not say what all of its inputs are worth, so that its fee is not known.");
  else if (fee < 0n) warnings.push("It pays more than its inputs are worth: nobody will take it.");
  else if (paid > 0n && fee * FEE_SHARE_MAX > paid) warnings.push("The fee is more than a tenth of what is paid.");
  else if (paid === 0n && fee * FEE_SHARE_MAX > psbt.outputs.reduce((sum, { value }) => sum + value, 0n))
    warnings.push("The fee is more than a tenth of what is kept.");
  const isUnusual = ({ sighashType = SighashType.DEFAULT }: PsbtInput) =>
    sighashType !== SighashType.DEFAULT && sighashType !== SighashType.ALL;
  if (psbt.inputs.some(isUnusual))
    warnings.push(
      "It asks for signatures of another sighash than ALL, which leave parts of the payment open to change: this wallet does not make them.",
    );
  if (
    psbt.inputs.some(
      (input) => input.nonWitnessUtxo === undefined && input.witnessUtxo !== undefined && !isOwn(input, keeper),
    )
  )
    warnings.push("What some inputs are worth is said by whoever made it, and is not proven.");
  // Hashes all of the transaction: once, not for each input.
  const own = unsignedTransactionOf(psbt)?.txid;
  if (psbt.inputs.some(({ previousOutput }) => isSpentByOther(previousOutput, own, keeper)))
    warnings.push(
      "It spends a coin that another payment of this account spends: only one of the two can be confirmed, in place of the other.",
    );
  if (psbt.inputs.some(({ previousOutput }) => custody.ledger.isLocked(previousOutput)))
    warnings.push("It spends a coin that is frozen.");
  if (!psbt.inputs.some((input) => isOwn(input, keeper))) warnings.push("None of its inputs is of this account.");
  return warnings;
}

/** Whether a payment that may be or is confirmed spends it, other than the PSBT's own. */
function isSpentByOther(
  outPoint: OutPoint,
  own: Txid | undefined,
  { custody: { ledger } }: HistoryContext["keeper"],
): boolean {
  return ledger.spendersOf(outPoint).some((txid) => {
    const spender = ledger.transaction(txid);
    // Of payments out of segwit coins alone, the name is the same once they are signed.
    return spender !== undefined && holdsItsInputs(spender) && !(own && equalBytes(own, txid));
  });
}

function isOwn(input: PsbtInput, { custody }: HistoryContext["keeper"]): boolean {
  return custody.ledger.coin(input.previousOutput) !== undefined;
}

/** Signs with an account's keys, and with those of its phrase that the PSBT names; whoever leads it wipes both. Throws `Error` with a sentence. */
export function* signedPsbt(
  psbt: Psbt,
  keys: { readonly account: SigningMaterial; readonly named: SigningMaterial },
  context: HistoryContext,
): Steps<Psbt> {
  const { custody } = context.keeper;
  const described = yield* describedPsbt(psbt, context);
  const own = keychainMaterials(custody.keychain, keys.account);
  let last: SigningMaterial | undefined;
  const materials: PsbtMaterials = {
    forInput: (script, input) => {
      last?.wipe();
      last = own.forInput(script, input);
      if (last !== undefined) addNamedKeys(input, keys.named, last);
      return last;
    },
    forOutput: (script, output) => own.forOutput(script, output),
  };
  try {
    const filled = yield* fillingSteps(described, materials, { sign: true }, custody.context.secp256k1);
    if (filled.error === "sighash-mismatch")
      throw new Error(
        "The PSBT asks for a sighash that this wallet does not sign: it signs all of a payment, and taproot inputs with the default.",
      );
    if (filled.error !== undefined) throw new Error(`The PSBT cannot be signed: ${psbtFillErrorText(filled.error)}.`);
    return filled.psbt;
  } finally {
    last?.wipe();
  }
}

/** Throws `Error` where they are of several transactions. */
export function combinedPsbt(psbts: readonly Psbt[]): Psbt {
  const [first, ...others] = psbts;
  if (first === undefined) throw new Error("Give at least one PSBT.");
  const combined = combinePsbts([first, ...others]);
  if (combined === undefined) throw new Error("These PSBTs are not of one payment: they cannot be brought together.");
  return combined;
}

/** Throws `Error` where signatures are missing. */
export function* transactionOfPsbt(psbt: Psbt, { keeper }: HistoryContext): Steps<Transaction> {
  const { secp256k1 } = keeper.custody.context;
  const finished = yield* finalizingSteps(psbt, secp256k1);
  const sighashes = sighashesOf(psbt);
  if (finished.transaction === undefined || sighashes === undefined) throw new Error(UNSIGNED);
  const { inputs } = finished.psbt;
  for (const [index, input] of inputs.entries()) {
    if (spentOutputOf(input) !== undefined && !isInputVerified(input, index, sighashes, secp256k1))
      throw new Error(UNSIGNED);
    yield { work: "check", done: index + 1, total: inputs.length };
  }
  return finished.transaction;
}

const UNSIGNED = "Signatures are missing: the others have to sign first.";
