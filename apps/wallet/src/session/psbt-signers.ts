import { equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { decodeBase58Check } from "@bitfleet/protocol/script/base58.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { TransactionChecker } from "@bitfleet/protocol/script/transaction-checker.ts";
import { derivePath, type ExtendedKey, formatKeyPath, type KeyPath, keyIdOf } from "@bitfleet/wallet/keys/keys.ts";
import { isFinalInput } from "@bitfleet/wallet/psbt/codec.ts";
import type { Psbt, PsbtInput } from "@bitfleet/wallet/psbt/psbt.ts";
import { type PsbtSighashes, sighashesOf, spentOutputOf } from "@bitfleet/wallet/psbt/sign-input.ts";
import { EXTENDED_KEY_SIZE } from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import type { Steps } from "@bitfleet/wallet/steps.ts";
import type { SharedStanding } from "./account.ts";
import type { CosignerSummary } from "./records.ts";

/** Who of several has signed a PSBT, and who may still. */

interface Signer {
  readonly fingerprint: string | undefined;
  readonly known: CosignerSummary | undefined;
  /** Inputs that ask for its key, and those of them that have its signature. */
  asked: number;
  signed: number;
}

/** Behind a cosigner's key: the chain and the index (BIP48). */
const STEPS_BEHIND = 2;

/**
 * Of the inputs that several sign for, where all ask for as many signatures; `undefined` where there are none. A signature that is not valid is none.
 * `cosigners`: what they are called.
 */
export function* sharedStanding(
  psbt: Psbt,
  cosigners: readonly CosignerSummary[],
  secp256k1: Secp256k1,
): Steps<SharedStanding | undefined> {
  const sighashes = sighashesOf(psbt);
  const signers = new Map<string, Signer>();
  const children = new CosignerChildren(secp256k1);
  const required = new Set<number>();
  let inputs = 0;
  if (sighashes === undefined) return undefined;
  for (const [index, input] of psbt.inputs.entries()) {
    const script = input.witnessScript ?? input.redeemScript ?? spentOutputOf(input)?.scriptPubKey;
    const template = script && templateOf(script);
    if (script === undefined || template?.type !== "multisig" || isFinalInput(input)) continue;
    inputs++;
    required.add(template.required);
    for (const publicKey of template.publicKeys) {
      const signer = signerOf(publicKey, input, cosigners, children);
      const one = signers.get(signer.name) ?? { ...signer, asked: 0, signed: 0 };
      one.asked++;
      if (isSignedBy(publicKey, script, { input, index, sighashes, secp256k1 })) one.signed++;
      signers.set(signer.name, one);
    }
    yield { work: "check", done: index + 1, total: psbt.inputs.length };
  }
  const [count] = required;
  if (count === undefined || required.size > 1) return undefined;
  const placeOf = ({ known }: Signer) => (known === undefined ? cosigners.length : cosigners.indexOf(known));
  // As elsewhere, and not as the keys of one address happen to stand.
  const inOrder = [...signers.values()].sort((a, b) => placeOf(a) - placeOf(b));
  const list = inOrder.map(({ fingerprint, known, signed }) => ({
    name: known?.name ?? "",
    owner: known?.owner,
    fingerprint,
    hasSigned: signed === inputs,
  }));
  return { required: count, signed: list.filter(({ hasSigned }) => hasSigned).length, signers: list };
}

/**
 * Without signatures of several's scripts that are not valid: one of them would keep the others from making a payment, however many they are. `isKnown`: of
 * which inputs the account knows scripts and amounts by itself, so that nothing valid is taken for false.
 */
export function* withoutFalseSignatures(
  psbt: Psbt,
  isKnown: (input: PsbtInput) => boolean,
  secp256k1: Secp256k1,
): Steps<Psbt> {
  const sighashes = sighashesOf(psbt);
  if (sighashes === undefined) return psbt;
  const inputs: PsbtInput[] = [];
  for (const [index, input] of psbt.inputs.entries()) {
    const script = input.witnessScript ?? input.redeemScript;
    const isChecked = script !== undefined && templateOf(script).type === "multisig" && isKnown(input);
    const isValid = ({ publicKey }: { readonly publicKey: Uint8Array }) =>
      !isChecked || isSignedBy(publicKey, script, { input, index, sighashes, secp256k1 });
    const valid = [...input.partialSignatures].filter(([, signature]) => isValid(signature));
    inputs.push(
      valid.length === input.partialSignatures.size ? input : { ...input, partialSignatures: new Map(valid) },
    );
    yield { work: "check", done: index + 1, total: psbt.inputs.length };
  }
  return { ...psbt, inputs };
}

/** Where a key comes from is what whoever made the PSBT says: nobody's name stands beside a key that is not derived from theirs. */
function signerOf(
  publicKey: Uint8Array,
  { derivations }: PsbtInput,
  cosigners: readonly CosignerSummary[],
  children: CosignerChildren,
) {
  const nobody = { name: toHex(publicKey), fingerprint: undefined, known: undefined };
  const id = keyIdOf(publicKey);
  const derivation = [...derivations.values()].find((one) => keyIdOf(one.publicKey) === id);
  if (derivation === undefined) return nobody;
  const fingerprint = toHex(derivation.origin.fingerprint);
  const path = formatKeyPath(derivation.origin.path.slice(0, -STEPS_BEHIND));
  const known = cosigners.find((one) => one.fingerprint === fingerprint && one.path === path);
  if (known !== undefined && !children.has(known.key, derivation.origin.path.slice(-STEPS_BEHIND), publicKey))
    return nobody;
  return { name: `${fingerprint}${path}`, fingerprint, known };
}

/** Offsets in an extended key's bytes (BIP32). */
const CHAIN_CODE_OFFSET = 13;
const PUBLIC_KEY_OFFSET = 45;

/** Keys behind those of cosigners. Inputs have their chains in common: each is derived once. */
class CosignerChildren {
  readonly #curve: Secp256k1;
  readonly #chains = new Map<string, ExtendedKey | undefined>();

  constructor(curve: Secp256k1) {
    this.#curve = curve;
  }

  has(key: string, path: KeyPath, publicKey: Uint8Array): boolean {
    const name = `${key}/${path[0]}`;
    if (!this.#chains.has(name)) this.#chains.set(name, this.#derived(extendedKey(key), path.slice(0, 1)));
    const child = this.#derived(this.#chains.get(name), path.slice(1));
    return child !== undefined && equalBytes(child.publicKey, publicKey);
  }

  #derived(key: ExtendedKey | undefined, path: KeyPath): ExtendedKey | undefined {
    return key && derivePath(key, path, this.#curve);
  }
}

function extendedKey(text: string): ExtendedKey | undefined {
  const bytes = decodeBase58Check(text, EXTENDED_KEY_SIZE);
  if (bytes === undefined) return undefined;
  return {
    publicKey: bytes.subarray(PUBLIC_KEY_OFFSET),
    chainCode: bytes.subarray(CHAIN_CODE_OFFSET, PUBLIC_KEY_OFFSET),
    depth: 0,
  };
}

interface Place {
  readonly input: PsbtInput;
  readonly index: number;
  readonly sighashes: PsbtSighashes;
  readonly secp256k1: Secp256k1;
}

function isSignedBy(publicKey: Uint8Array, script: Uint8Array, { input, index, sighashes, secp256k1 }: Place): boolean {
  const found = input.partialSignatures.get(keyIdOf(publicKey));
  if (found === undefined) return false;
  const checker = new TransactionChecker(sighashes.tx, index, sighashes.cache, secp256k1);
  return checker.checkEcdsa(found.signature, publicKey, script, input.witnessScript ? "witness-v0" : "base");
}
