import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import { checkTransaction } from "@bitfleet/protocol/consensus/check-transaction.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import {
  decodeTransaction,
  type OutPoint,
  Transaction,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { ScriptFlag, type ScriptFlags, STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import type { ScriptTracer, SignatureChecker } from "@bitfleet/protocol/script/machine.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { isPayToScriptHash, pushData } from "@bitfleet/protocol/script/script.ts";
import { scriptErrorMessage } from "@bitfleet/protocol/script/script-error.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { payToWitnessPublicKeyHash, payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";
import { TransactionChecker } from "@bitfleet/protocol/script/transaction-checker.ts";
import { verifyScript } from "@bitfleet/protocol/script/verify.ts";
import { bytesOfBase64Text } from "./base64-text.ts";
import { Bip322Prefix, isToSign, toSignOf, toSpendOf } from "./bip322.ts";
import { type Bip322Proof, readBip322Proof } from "./bip322-proof.ts";

/** What BIP322 says of a signature. A reason is one sentence. */
export type Bip322Verdict =
  /** From this lock time on, and where the output is as old as the sequence number of BIP68 says; 0 and 0 for at once. */
  | {
      readonly status: "valid";
      readonly lockTime: number;
      readonly sequence: number;
      /** Of a proof of funds alone. Whether they exist, are as it says, and are unspent, the set of unspent coins must tell. */
      readonly coins?: readonly ClaimedCoin[];
    }
  /** It follows rules that are not made yet, or of a kind that is not checked here. */
  | { readonly status: "inconclusive"; readonly reason: string }
  | { readonly status: "invalid"; readonly reason: string };

/** What a proof of funds says that its signer could spend. */
export interface ClaimedCoin {
  readonly outPoint: OutPoint;
  readonly output: TxOutput;
}

/** Bytes of a signature's text; a witness of a large multisig has some thousands. */
export const BIP322_SIGNATURE_LENGTH_MAX = 400_000;

/** What later soft forks may give a meaning: with these a signature is neither right nor wrong. */
const UPGRADEABLE: ScriptFlags =
  ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS |
  ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM |
  ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION |
  ScriptFlag.DISCOURAGE_OP_SUCCESS |
  ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE;

export interface Bip322Claim {
  readonly message: string;
  /** The output script of the address. */
  readonly script: Uint8Array;
  /** With its prefix; without one it is taken for a simple one, as they were before BIP322 was final. */
  readonly signature: string;
}

/**
 * Whether a signature, simple, full or a proof of funds, is one for the message by who could spend from `script`. Anybody can make a proof
 * of funds that names coins of others as their own: it proves nothing before its coins were looked up.
 */
export function verifyBip322({ message, script, signature }: Bip322Claim, secp256k1: Secp256k1): Bip322Verdict {
  if (signature.length > BIP322_SIGNATURE_LENGTH_MAX) return invalid("The signature is too long.");
  const prefix = signature.slice(0, 3);
  const isPrefixed = Object.values<string>(Bip322Prefix).includes(prefix);
  const bytes = bytesOfBase64Text(isPrefixed ? signature.slice(3) : signature);
  if (bytes === undefined) return invalid("The signature is no base64 behind the prefix smp, ful or pof.");
  const toSpend = toSpendOf(message, script);
  if (prefix === Bip322Prefix.proofOfFunds) return verifyProof(bytes, toSpend, secp256k1);
  const isFull = prefix === Bip322Prefix.full;
  const toSign = isFull ? decodeFull(bytes) : decodeSimple(bytes, toSpend, script);
  if (toSign === undefined) return invalid(`The signature holds no ${isFull ? "transaction" : "witness"}.`);
  if (toSign.inputs.length > 1) return invalid("Only a proof of funds has more inputs than one.");
  return verifyToSign({ toSign, spent: toSpend.outputs }, toSpend, secp256k1);
}

function verifyProof(bytes: Uint8Array, toSpend: Transaction, secp256k1: Secp256k1): Bip322Verdict {
  const proof = readBip322Proof(bytes, toSpend, secp256k1);
  if (typeof proof === "string") return invalid(proof);
  const verdict = verifyToSign(proof, toSpend, secp256k1);
  if (verdict.status !== "valid") return verdict;
  const coins = proof.toSign.inputs
    .map(({ previousOutput }, index) => ({ outPoint: previousOutput, output: proof.spent[index]! }))
    .slice(1);
  const total = coins.reduce((sum, { output }) => sum + output.value, 0n);
  const isMoney = coins.every(({ output }) => output.value >= 0n) && total <= MAX_MONEY;
  return isMoney ? { ...verdict, coins } : invalid("The coins of the proof are more than there can be.");
}

/** The transaction that is the signature; `undefined` where the bytes are none. */
function decodeFull(bytes: Uint8Array): Transaction | undefined {
  return decoded(bytes, (reader) => decodeTransaction(reader));
}

/** The transaction around the witness that is the signature. Nothing is said of times in it. */
function decodeSimple(bytes: Uint8Array, toSpend: Transaction, script: Uint8Array): Transaction | undefined {
  const witness = decoded(bytes, (reader) => Array.from({ length: reader.count(1) }, () => reader.compactBytes()));
  if (witness === undefined) return undefined;
  const toSign = toSignOf(toSpend);
  const scriptSig = isPayToScriptHash(script) ? nestingScriptSig(witness) : toSign.inputs[0]!.scriptSig;
  return new Transaction({ ...toSign, inputs: [{ ...toSign.inputs[0]!, scriptSig, witness }] });
}

/** Older signers made simple signatures for P2SH too and left out what the witness tells: the program behind the hash. */
function nestingScriptSig(witness: readonly Uint8Array[]): Uint8Array {
  const last = witness.at(-1) ?? new Uint8Array(0);
  const isKey = witness.length === 2 && last.length === 33;
  return pushData(isKey ? payToWitnessPublicKeyHash(hash160(last)) : payToWitnessScriptHash(sha256(last)));
}

function decoded<Value>(bytes: Uint8Array, decode: (reader: Reader) => Value): Value | undefined {
  try {
    const reader = new Reader(bytes);
    const value = decode(reader);
    reader.end();
    return value;
  } catch {
    // A DecodeError: the bytes are something else.
    return undefined;
  }
}

function verifyToSign(proof: Bip322Proof, toSpend: Transaction, secp256k1: Secp256k1): Bip322Verdict {
  const { toSign } = proof;
  if (!isToSign(toSign, toSpend)) return invalid("The signature is for another message or another address.");
  const reject = checkTransaction(toSign);
  if (reject !== undefined) return invalid(`The signature is no valid transaction: ${reject.reason}.`);
  const required = runScripts(proof, STANDARD_SCRIPT_FLAGS & ~UPGRADEABLE, secp256k1);
  if (required !== undefined) return invalid(required);
  if (toSign.version !== 0 && toSign.version !== 2) {
    return { status: "inconclusive", reason: `Nothing is agreed on signatures of version ${toSign.version}.` };
  }
  const upgradeable = runScripts(proof, STANDARD_SCRIPT_FLAGS, secp256k1);
  if (upgradeable !== undefined) return { status: "inconclusive", reason: upgradeable };
  return { status: "valid", lockTime: toSign.lockTime, sequence: toSign.inputs[0]!.sequence };
}

/** Why an input does not satisfy its script under these rules and those of BIP322. */
function runScripts(proof: Bip322Proof, flags: ScriptFlags, secp256k1: Secp256k1): string | undefined {
  const cache = new SighashCache(proof.toSign, proof.spent);
  for (const index of proof.spent.keys()) {
    const checker = new TransactionChecker(proof.toSign, index, cache, secp256k1);
    const reason = runScript(proof, index, new AllOnlyChecker(checker), flags);
    if (reason !== undefined) return index === 0 ? reason : `Input ${index}: ${reason}`;
  }
  return undefined;
}

function runScript(
  { toSign, spent }: Bip322Proof,
  index: number,
  checker: AllOnlyChecker,
  flags: ScriptFlags,
): string | undefined {
  const input = toSign.inputs[index]!;
  let hasSeparator = false;
  const watch: ScriptTracer = {
    step: ({ opcode, executed }) => {
      if (opcode === Op.CODESEPARATOR && executed) hasSeparator = true;
    },
  };
  const error = verifyScript(input.scriptSig, spent[index]!.scriptPubKey, input.witness, flags, checker, watch);
  if (error !== undefined) return `${scriptErrorMessage(error)}.`;
  if (hasSeparator) return "The script runs OP_CODESEPARATOR.";
  return checker.hasOther ? "A signature leaves something open: all must be of type ALL." : undefined;
}

/** Notes whether a signature that was used has another type than ALL, or DEFAULT in taproot. */
class AllOnlyChecker implements SignatureChecker {
  readonly #inner: SignatureChecker;
  hasOther = false;

  constructor(inner: SignatureChecker) {
    this.#inner = inner;
  }

  checkEcdsa(...args: Parameters<SignatureChecker["checkEcdsa"]>): boolean {
    const isValid = this.#inner.checkEcdsa(...args);
    if (isValid && args[0].at(-1) !== SighashType.ALL) this.hasOther = true;
    return isValid;
  }

  checkSchnorr(...args: Parameters<SignatureChecker["checkSchnorr"]>): ReturnType<SignatureChecker["checkSchnorr"]> {
    const [signature] = args;
    if (signature.length === 65 && signature[64] !== SighashType.ALL) this.hasOther = true;
    return this.#inner.checkSchnorr(...args);
  }

  checkTaprootTweak(...args: Parameters<SignatureChecker["checkTaprootTweak"]>): boolean {
    return this.#inner.checkTaprootTweak(...args);
  }

  checkLockTime(lockTime: number): boolean {
    return this.#inner.checkLockTime(lockTime);
  }

  checkSequence(sequence: number): boolean {
    return this.#inner.checkSequence(sequence);
  }
}

const invalid = (reason: string): Bip322Verdict => ({ status: "invalid", reason });
