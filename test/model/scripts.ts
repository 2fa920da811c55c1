import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { payToAnchor, payToMultisig, payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";

/** The few kinds of output that the model test makes, so that the reference can tell all of them by looking. */

export type Kind = "anchor" | "condition" | "multisig" | "data" | "strange";

/** Fails where the witness item below it is empty; whatever else stands there makes another witness of the same txid. */
export const CONDITION = Uint8Array.of(0x69, 0x51);
/** Standard to make and to spend, and opened by nothing. */
export const ANCHOR_SCRIPT = payToAnchor();
export const CONDITION_SCRIPT = payToWitnessScriptHash(sha256(CONDITION));
/** Counts as twenty signature operations. Nobody has these keys. */
export const MULTISIG_SCRIPT = payToMultisig(
  1,
  [1, 2, 3].map((number) => Uint8Array.of(2, ...new Array(31).fill(0x11), number)),
);
/** No standard output. Anybody may spend it. */
export const STRANGE_SCRIPT = Uint8Array.of(0x51);

/** OP_RETURN and, for padding, small numbers: `size` bytes. */
export function dataScript(size: number): Uint8Array {
  const script = new Uint8Array(size).fill(0x51);
  script[0] = 0x6a;
  return script;
}

export function kindOf(script: Uint8Array): Kind {
  if (script[0] === 0x6a) return "data";
  if (script.length === ANCHOR_SCRIPT.length && script[0] === 0x51) return "anchor";
  if (script.length === CONDITION_SCRIPT.length && script[0] === 0) return "condition";
  return script.length === MULTISIG_SCRIPT.length ? "multisig" : "strange";
}

/** What an output of the kind must be worth at least, with the default of 3000 satoshis a thousand vbytes for its size and its spending. */
export const DUST_BELOW: Readonly<Record<Kind, bigint>> = {
  anchor: 3n * (13n + 67n),
  condition: 3n * (43n + 67n),
  multisig: 3n * (BigInt(MULTISIG_SCRIPT.length) + 9n + 148n),
  data: 0n,
  strange: 3n * (10n + 148n),
};
