import { nobleSecp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { loadNativeSecp256k1 } from "./native-secp256k1.ts";

/** Every backend that this machine has, for `describe.each`. Says so where the native one is not among them. */
export function availableBackends(): Secp256k1[] {
  const native = loadNativeSecp256k1();
  if ("backend" in native) return [portableSecp256k1, native.backend];
  process.stderr.write(`SKIPPED: tests of the native curve backend: ${native.reason}; ${native.hint}\n`);
  return [portableSecp256k1];
}

/** Those, and the one of pages, which the node never chooses. */
export function everyBackend(): Secp256k1[] {
  return [...availableBackends(), nobleSecp256k1];
}
