import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { loadNativeSecp256k1, type NativeSecp256k1Options } from "./native-secp256k1.ts";

/** What an operator may ask for: the faster that works, or one of the two. */
export type Secp256k1Preference = "auto" | "native" | "portable";

export interface ChosenSecp256k1 {
  readonly backend: Secp256k1;
  /** For the log: which one, and why not the other. */
  readonly description: string;
  /** How to get the faster one, where it was wanted and is not there. */
  readonly hint?: string;
}

/** Throws `Error` where only the native library will do and cannot be had; elsewhere there is always a backend. */
export function chooseSecp256k1(
  preference: Secp256k1Preference,
  options: NativeSecp256k1Options = {},
): ChosenSecp256k1 {
  if (preference === "portable") return { backend: portableSecp256k1, description: portableSecp256k1.name };
  const native = loadNativeSecp256k1(options);
  if ("backend" in native) return { backend: native.backend, description: native.backend.name };
  if (preference === "native") throw new Error(`${native.reason}; ${native.hint}`);
  return { backend: portableSecp256k1, description: `${portableSecp256k1.name}: ${native.reason}`, hint: native.hint };
}
