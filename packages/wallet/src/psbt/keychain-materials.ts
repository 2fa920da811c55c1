import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { Keychain } from "../keychain/keychain.ts";
import { keyIdOf } from "../keys/keys.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { PsbtMaterials } from "./fill.ts";
import type { PsbtInput } from "./psbt.ts";

/** What a wallet's keychain knows of the inputs and outputs of a PSBT, with its private keys as far as they are at hand. */
export function keychainMaterials(keychain: Keychain): PsbtMaterials {
  return {
    forInput: (script, input) => {
      const found = new SigningMaterial();
      const own = keychain.materialFor(script, { includePrivate: true });
      if (own !== undefined) found.merge(own);
      // Somebody else's script may still ask for a key of ours.
      const add = (publicKey: Uint8Array) => {
        const forKey = keychain.materialForKey(publicKey);
        if (forKey !== undefined) found.merge(forKey);
      };
      for (const { publicKey } of input.derivations.values()) {
        if (!found.privateKeys.has(keyIdOf(publicKey))) add(publicKey);
      }
      for (const x of pointsOf(script, input)) {
        if (found.privateKeyOfXOnly(x) !== undefined) continue;
        for (const parity of [2, 3]) add(Uint8Array.of(parity, ...x));
      }
      return found;
    },
    forOutput: (script) => keychain.materialFor(script, { includePrivate: false }),
  };
}

/** Keys of which only x is told that a taproot input is known to ask for. */
function pointsOf(script: Uint8Array, { taprootDerivations }: PsbtInput): readonly Uint8Array[] {
  const template = templateOf(script);
  const points = [...taprootDerivations.values()].map(({ xOnlyKey }) => xOnlyKey);
  return template.type === "witness_v1_taproot" ? [...points, template.outputKey] : points;
}
