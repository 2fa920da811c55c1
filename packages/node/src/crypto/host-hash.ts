import * as nodeCrypto from "node:crypto";
import { useHostSha256 } from "@bitfleet/protocol/crypto/hash.ts";

/**
 * Lets Node's OpenSSL, which uses the CPU's SHA instructions, hash large input (long transactions, blocks of legacy
 * signature hashes). To be called once in every thread that verifies; small input stays with the WebAssembly kernel.
 */
export function installHostSha256(): void {
  useHostSha256((bytes) => nodeCrypto.hash("sha256", bytes, "buffer"));
}
