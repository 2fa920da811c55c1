import { equalBytes } from "../bytes/bytes.ts";
import { parseLaxDer } from "../crypto/der.ts";
import type { Secp256k1 } from "../crypto/secp256k1.ts";
import type { TransactionFields } from "../primitives/transaction.ts";
import type { Hash256 } from "../primitives/types.ts";
import type { SignatureChecker, SigVersion, TaprootContext } from "./machine.ts";
import type { ScriptError } from "./script-error.ts";
import { type SighashCache, SighashType } from "./sighash.ts";
import { taprootSighash } from "./sighash-taproot.ts";
import { hasPublicKeySize } from "./signature-encoding.ts";

/** Lock times below are heights, from here on seconds since 1970. */
export const LOCK_TIME_THRESHOLD = 500_000_000;

/** An input with this sequence number waits for nothing: the transaction's lock time does not bind it. */
const SEQUENCE_FINAL = 0xffffffff;

/** BIP68: the sequence number is no relative lock time. */
const SEQUENCE_LOCK_TIME_DISABLED = 1 << 31;
/** BIP68: the relative lock time counts units of 512 seconds, not blocks. */
const SEQUENCE_LOCK_TIME_IN_SECONDS = 1 << 22;
/** BIP68: the bits that count. */
const SEQUENCE_LOCK_TIME_MASK = 0x0000ffff;

/** BIP68: relative lock times hold from this transaction version on. */
const RELATIVE_LOCK_TIME_VERSION_MIN = 2;

/** Signature hashes of an input kept for further signatures over the same script: one for each kind of hash type. */
const SIGHASHES_KEPT_MAX = 6;

interface KeptSighash {
  readonly hashType: number;
  readonly scriptCode: Uint8Array;
  readonly hash: Hash256;
}

/** Answers what the scripts of one input ask about their transaction. */
export class TransactionChecker implements SignatureChecker {
  readonly #tx: TransactionFields;
  readonly #inputIndex: number;
  readonly #cache: SighashCache;
  readonly #secp256k1: Secp256k1;
  /** A multisig script tries one signature hash with many keys. */
  #kept: KeptSighash[] | undefined;

  constructor(tx: TransactionFields, inputIndex: number, cache: SighashCache, secp256k1: Secp256k1) {
    this.#tx = tx;
    this.#inputIndex = inputIndex;
    this.#cache = cache;
    this.#secp256k1 = secp256k1;
  }

  checkEcdsa(signature: Uint8Array, publicKey: Uint8Array, scriptCode: Uint8Array, sigVersion: SigVersion): boolean {
    if (signature.length === 0 || !hasPublicKeySize(publicKey)) return false;
    const last = signature.length - 1;
    const parsed = parseLaxDer(signature.subarray(0, last));
    if (parsed === undefined) return false;
    const hash = this.#sighash(scriptCode, signature[last]!, sigVersion);
    return this.#secp256k1.verifyEcdsa(parsed, hash, publicKey);
  }

  #sighash(scriptCode: Uint8Array, hashType: number, sigVersion: SigVersion): Hash256 {
    const kept = this.#kept?.find((one) => one.hashType === hashType && equalBytes(one.scriptCode, scriptCode));
    if (kept !== undefined) return kept.hash;
    // No input runs legacy and version 0 scripts with signatures, so the version need not be kept.
    const hash =
      sigVersion === "base"
        ? this.#cache.legacySighash(this.#inputIndex, scriptCode, hashType)
        : this.#cache.witnessV0Sighash(this.#inputIndex, scriptCode, hashType);
    this.#kept ??= [];
    if (this.#kept.length === SIGHASHES_KEPT_MAX) this.#kept.shift();
    this.#kept.push({ hashType, scriptCode, hash });
    return hash;
  }

  checkSchnorr(signature: Uint8Array, publicKey: Uint8Array, context: TaprootContext): ScriptError | undefined {
    if (signature.length !== 64 && signature.length !== 65) return "SCHNORR_SIG_SIZE";
    let hashType: number = SighashType.DEFAULT;
    if (signature.length === 65) {
      hashType = signature[64]!;
      if (hashType === SighashType.DEFAULT) return "SCHNORR_SIG_HASHTYPE";
    }
    const hash = taprootSighash(this.#cache, this.#inputIndex, hashType, context);
    if (hash === undefined) return "SCHNORR_SIG_HASHTYPE";
    const valid = this.#secp256k1.verifySchnorr(signature.subarray(0, 64), hash, publicKey);
    return valid ? undefined : "SCHNORR_SIG";
  }

  checkTaprootTweak(outputKey: Uint8Array, outputParity: 0 | 1, internalKey: Uint8Array, tweak: Uint8Array): boolean {
    return this.#secp256k1.verifyXOnlyTweak(outputKey, outputParity, internalKey, tweak);
  }

  /** BIP65: both heights or both times, and the transaction's no less; an input that waits for nothing is refused. */
  checkLockTime(lockTime: number): boolean {
    const own = this.#tx.lockTime;
    if (own < LOCK_TIME_THRESHOLD !== lockTime < LOCK_TIME_THRESHOLD) return false;
    return lockTime <= own && this.#tx.inputs[this.#inputIndex]!.sequence !== SEQUENCE_FINAL;
  }

  /** BIP112: the input's own relative lock time is of the same kind, and no less. */
  checkSequence(sequence: number): boolean {
    const own = this.#tx.inputs[this.#inputIndex]!.sequence;
    if (this.#tx.version < RELATIVE_LOCK_TIME_VERSION_MIN) return false;
    if ((own & SEQUENCE_LOCK_TIME_DISABLED) !== 0) return false;
    if (((own ^ sequence) & SEQUENCE_LOCK_TIME_IN_SECONDS) !== 0) return false;
    return (sequence & SEQUENCE_LOCK_TIME_MASK) <= (own & SEQUENCE_LOCK_TIME_MASK);
  }
}
