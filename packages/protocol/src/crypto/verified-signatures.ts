import type { Secp256k1 } from "./secp256k1.ts";

/**
 * The same curve, which finds a signature valid once: who looks at one payment in several steps (made, put into a PSBT, combined, sent) pays for each
 * signature in the first of them. What is remembered are whole signatures with what they sign and by which key, so that no answer is another one.
 * `limit`: how many; the oldest go first.
 */
export function rememberingSignatures(secp256k1: Secp256k1, limit: number): Secp256k1 {
  const valid = new Set<string>();
  const remembered = (verify: Verify, kind: string): Verify => {
    return (signature, messageHash, publicKey) => {
      const name = kind + textOf(signature) + textOf(messageHash) + textOf(publicKey);
      if (valid.has(name)) return true;
      if (!verify(signature, messageHash, publicKey)) return false;
      if (valid.size >= limit) valid.delete(valid.values().next().value!);
      valid.add(name);
      return true;
    };
  };
  return {
    ...secp256k1,
    verifyEcdsa: remembered(secp256k1.verifyEcdsa, "e"),
    verifySchnorr: remembered(secp256k1.verifySchnorr, "s"),
  };
}

type Verify = Secp256k1["verifyEcdsa"];

/** Each byte as a character, behind how many there are: names of other parts are never the same. */
const textOf = (bytes: Uint8Array) => `${bytes.length}:${String.fromCharCode(...bytes)}`;
