import { keyIdOf } from "../keys/keys.ts";
import { addLeafKey, type SignatureData } from "../signing/signature-data.ts";
import type { SignatureMaker } from "../signing/signature-maker.ts";
import type { SigningMaterial } from "../signing/signing-material.ts";

/**
 * A maker that, where it can make no BIP340 signature by one key alone, notes in `data` where the participants of aggregate
 * keys come from and for which leaf (BIP373), as Core does: so each of them can find out that it is asked.
 */
export function withMusigOrigins(
  maker: SignatureMaker,
  data: SignatureData,
  material: SigningMaterial,
): SignatureMaker {
  return {
    checker: maker.checker,
    signEcdsa: (...given) => maker.signEcdsa(...given),
    signSchnorr(key, purpose) {
      const signature = maker.signSchnorr(key, purpose);
      if (signature !== undefined) return signature;
      const leafHash = purpose.path === "script" ? purpose.leafHash : undefined;
      for (const participant of [...data.taproot.musigParticipants.values()].flat()) {
        const origin = material.origins.get(keyIdOf(participant));
        if (origin !== undefined) addLeafKey(data.taproot, participant.subarray(1), origin, leafHash);
      }
      return undefined;
    },
  };
}
