import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { schnorr } from "@noble/curves/secp256k1.js";
import { describe, expect, test } from "vitest";
import { everyBackend } from "./test-kit.ts";

const VECTORS = process.env.VECTORS_DIR ?? join(import.meta.dirname, "../../../../../shared/vectors");
const FILE = join(VECTORS, "bips/bip-0340/test-vectors.csv");

interface Vector {
  readonly label: string;
  readonly secretKey: string;
  readonly publicKey: Uint8Array;
  readonly auxiliary: string;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly valid: boolean;
}

function readVectors(): Vector[] {
  const [, ...rows] = readFileSync(FILE, "utf8").trim().split(/\r?\n/);
  return rows.map((row) => {
    const [index, secretKey, publicKey, auxiliary, message, signature, result, ...comment] = row.split(",");
    return {
      label: `${index} ${comment.join(",")}`,
      secretKey: secretKey!,
      publicKey: fromHex(publicKey!),
      auxiliary: auxiliary!,
      message: fromHex(message!),
      signature: fromHex(signature!),
      valid: result === "TRUE",
    };
  });
}

if (!existsSync(FILE)) process.stderr.write(`SKIPPED: BIP340 vectors: ${FILE} is absent (set VECTORS_DIR)\n`);

describe.skipIf(!existsSync(FILE)).each(everyBackend())("BIP340 vectors, $name", (curve) => {
  const vectors = existsSync(FILE) ? readVectors() : [];

  test("all of them are here", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(19);
    expect(vectors.some((vector) => vector.valid) && vectors.some((vector) => !vector.valid)).toBe(true);
    console.info(`vectors run: BIP340, ${vectors.length} on ${curve.name}`);
  });

  test.each(vectors)("$label", ({ secretKey, publicKey, auxiliary, message, signature, valid }) => {
    if (message.length !== 32) {
      // Signatures in Bitcoin are of 32-byte hashes alone, and the interface takes no others; the oracle does.
      expect(schnorr.verify(signature, message, publicKey)).toBe(valid);
      expect(curve.verifySchnorr(signature, message, publicKey)).toBe(false);
      return;
    }
    expect(curve.verifySchnorr(signature, message, publicKey)).toBe(valid);
    if (secretKey === "") return;
    expect(curve.publicKeyOf(fromHex(secretKey), true).subarray(1)).toEqual(publicKey);
    expect(toHex(curve.signSchnorr(message, fromHex(secretKey), fromHex(auxiliary)))).toBe(toHex(signature));
  });
});
