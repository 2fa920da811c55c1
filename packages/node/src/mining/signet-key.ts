import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  isOpenChallenge,
  isSignetSolved,
  type SignetMessage,
  type SignetSolution,
  trialMessage,
} from "@bitfleet/protocol/consensus/signet.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type AddressPrefixes, decodeWif } from "@bitfleet/protocol/script/address.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { addPrivateKeys, expandDescriptor, isRanged } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { splitChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { signTransaction } from "@bitfleet/wallet/signing/signer.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";

/** What reading a key takes. */
export interface SignetKeyContext {
  readonly prefixes: AddressPrefixes;
  readonly secp256k1: Secp256k1;
}

/** The forms that a key alone may stand for, the one first that it stands for where no challenge says otherwise. */
const FORMS_OF_KEY: readonly ((wif: string) => string)[] = [
  (wif) => `wpkh(${wif})`,
  (wif) => `multi(1,${wif})`,
  (wif) => `pk(${wif})`,
  (wif) => `pkh(${wif})`,
  (wif) => `wsh(pk(${wif}))`,
  (wif) => `wsh(multi(1,${wif}))`,
];

/** The key, or the keys, of a signet: what satisfies its challenge. */
export class SignetKey {
  /** Script that the key satisfies. */
  readonly challenge: Uint8Array;
  readonly #material: SigningMaterial;

  constructor(challenge: Uint8Array, material: SigningMaterial) {
    this.challenge = challenge;
    this.#material = material;
  }

  /** What goes into a block with that message. */
  solve({ toSpend, toSign }: SignetMessage, secp256k1: Secp256k1): SignetSolution {
    const { transaction } = signTransaction(toSign, toSpend.outputs, SighashType.ALL, this.#material, secp256k1);
    const { scriptSig, witness } = transaction.inputs[0]!;
    return { scriptSig, witness };
  }
}

/**
 * The key of `text`: a descriptor with private keys, or one key in wallet import format, which then stands for the form that
 * `challenge` has, or for wpkh() where none is given. An error is a sentence without the text, which is a secret.
 */
export function readSignetKey(
  text: string,
  challenge: Uint8Array | undefined,
  context: SignetKeyContext,
): SignetKey | { readonly error: string } {
  if (text === "") return { error: "it is empty, where a descriptor or a private key is expected" };
  if (/[\r\n]/.test(text)) return { error: "it has several lines, where one descriptor or private key is expected" };
  const isKey = decodeWif(text, context.prefixes) !== undefined;
  const keys = (isKey ? FORMS_OF_KEY.map((form) => form(text)) : [text]).map((form) => keyOfDescriptor(form, context));
  const fitting = keys.find((key) => "error" in key || challenge === undefined || equalBytes(key.challenge, challenge));
  return fitting ?? { error: "it is not the key of the network's challenge" };
}

function keyOfDescriptor(text: string, { prefixes, secp256k1 }: SignetKeyContext): SignetKey | { error: string } {
  if (text.includes("#") && "error" in splitChecksum(text, false)) return { error: "its checksum does not fit" };
  const parsed = parseDescriptor(text, { prefixes, secp256k1 });
  // What the parser says may quote the key.
  if ("error" in parsed) return { error: "it is no descriptor with keys of this network" };
  const [descriptor, ...others] = parsed.descriptors;
  if (others.length > 0 || isRanged(descriptor)) return { error: "it stands for more than one script" };
  const derivation = { secp256k1, secrets: parsed.secrets };
  const expansion = expandDescriptor(descriptor, 0, derivation);
  const [challenge, ...otherScripts] = expansion?.scripts ?? [];
  if (expansion === undefined || challenge === undefined) return { error: "it has no script" };
  if (otherScripts.length > 0) return { error: "it stands for more than one script" };
  const { material } = expansion;
  addPrivateKeys(descriptor, 0, derivation, material);
  if (material.privateKeys.size === 0) return { error: "it has no private key" };
  const key = new SignetKey(challenge, material);
  const error = shortcomingOf(key, secp256k1);
  return error === undefined ? key : { error };
}

/** Why blocks that are signed with the key would be worth nothing, before the first is made. */
function shortcomingOf(key: SignetKey, secp256k1: Secp256k1): string | undefined {
  const { challenge } = key;
  if (isOpenChallenge(challenge, secp256k1)) {
    return "a signet asks for no signature of its script (taproot is not among its rules)";
  }
  const solution = key.solve(trialMessage(challenge), secp256k1);
  if (isSignetSolved(trialMessage(challenge, solution), secp256k1)) return undefined;
  return "it has not all the private keys that its script asks for";
}
