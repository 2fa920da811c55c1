import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { Keychain } from "../keychain/keychain.ts";
import { keyIdOf } from "../keys/keys.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { PsbtMaterials } from "./fill.ts";

/** What a wallet's keychain knows of the inputs and outputs of a PSBT, with its private keys as far as they are at hand, or with `secrets`. */
export function keychainMaterials(keychain: Keychain, secrets = keychain.unlocked): PsbtMaterials {
  return {
    forInput: (script, input) => {
      const found = keychain.materialFor(script, { includePrivate: true }, secrets) ?? new SigningMaterial();
      // Without private keys at hand nothing more can be found of a key whose public half is there.
      const isKnown = (keyId: string) =>
        found.privateKeys.has(keyId) || (secrets.privateKeys.size === 0 && found.publicKeys.has(keyId));
      const isKnownX = (x: Uint8Array) => BOTH_PARITIES.some((parity) => isKnown(keyIdOf(Uint8Array.of(parity, ...x))));
      // Somebody else's script may still ask for a key of ours.
      const add = (publicKey: Uint8Array) => {
        const forKey = keychain.materialForKey(publicKey, secrets);
        if (forKey !== undefined) found.merge(forKey);
      };
      for (const { publicKey } of input.derivations.values()) if (!isKnown(keyIdOf(publicKey))) add(publicKey);
      const points = [...input.taprootDerivations.values()].map(({ xOnlyKey }) => xOnlyKey);
      const template = templateOf(script);
      if (template.type === "witness_v1_taproot") {
        // An output of ours is spent by its internal key.
        const own = found.taprootOutputs.get(toHex(template.outputKey));
        if (own === undefined || !isKnownX(own.internalKey)) points.push(template.outputKey);
      }
      for (const x of points) {
        if (isKnownX(x)) continue;
        for (const parity of BOTH_PARITIES) add(Uint8Array.of(parity, ...x));
      }
      return found;
    },
    forOutput: (script) => keychain.materialFor(script, { includePrivate: false }),
  };
}

/** First bytes of the two points of which only x is told. */
const BOTH_PARITIES = [2, 3] as const;
