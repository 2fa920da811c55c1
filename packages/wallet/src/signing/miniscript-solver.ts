import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { decodeMiniscript, type ScriptKeys } from "../miniscript/decode.ts";
import type { MiniscriptContext } from "../miniscript/expression.ts";
import { type Satisfier, satisfyMiniscript } from "../miniscript/satisfy.ts";
import { ecdsaSignatureOf, leafSignatureOf, publicKeyOfHash, type SignatureSources } from "./signature-sources.ts";

/**
 * What satisfies a P2WSH output's script, the script apart: for whatever miniscript can say. `undefined` where it is no
 * miniscript, or signatures, preimages or time are wanting; signatures that could be made are in the sources' data then.
 */
export function satisfyWitnessScript(script: Uint8Array, sources: SignatureSources): readonly Uint8Array[] | undefined {
  return satisfy(script, "wsh", sources, {
    keyOf: (bytes) => (bytes.length === 33 && (bytes[0] === 2 || bytes[0] === 3) ? bytes : undefined),
    keyOfHash: (hash) => publicKeyOfHash(toHex(hash), sources),
    sign: (key) => ecdsaSignatureOf(key, script, "witness-v0", sources),
  });
}

/** {@link satisfyWitnessScript} for a tapscript. */
export function satisfyTapscript(
  script: Uint8Array,
  leafHash: Uint8Array,
  sources: SignatureSources,
): readonly Uint8Array[] | undefined {
  return satisfy(script, "tapscript", sources, {
    keyOf: (bytes) => (bytes.length === 32 ? bytes : undefined),
    keyOfHash: (hash) => publicKeyOfHash(toHex(hash), sources)?.subarray(1, 33),
    sign: (key) => leafSignatureOf(key, leafHash, sources),
  });
}

function satisfy(
  script: Uint8Array,
  context: MiniscriptContext,
  { data, maker }: SignatureSources,
  keys: ScriptKeys<Uint8Array> & Pick<Satisfier<Uint8Array>, "sign">,
): readonly Uint8Array[] | undefined {
  const node = decodeMiniscript(script, context, keys);
  return (
    node &&
    satisfyMiniscript<Uint8Array>(node, {
      keyBytes: (key) => key,
      sign: keys.sign,
      preimage: (name, hash) => data.preimages[name].get(toHex(hash)),
      hasWaited: (sequence) => maker.checker.checkSequence(sequence),
      isAfter: (lockTime) => maker.checker.checkLockTime(lockTime),
    })
  );
}
