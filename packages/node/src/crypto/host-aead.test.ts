import * as nodeCrypto from "node:crypto";
import {
  AEAD_TAG_SIZE,
  type Aead,
  chaCha20Poly1305,
  HOST_AEAD_SIZE_MIN,
  portableChaCha20Poly1305,
  useHostAead,
} from "@bitfleet/protocol/crypto/chacha20-poly1305.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installHostAead } from "./host-aead.ts";

const [key, nonce] = [nodeCrypto.randomBytes(32), nodeCrypto.randomBytes(12)];

function sealed(aead: Aead, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(plain.length + AEAD_TAG_SIZE);
  buffer.set(plain);
  aead.seal(key, nonce, associated, buffer);
  return buffer;
}

/** What OpenSSL says, called without our help. */
function sealedByOpenSsl(plain: Uint8Array, associated: Uint8Array): Uint8Array {
  const cipher = nodeCrypto.createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: AEAD_TAG_SIZE });
  cipher.setAAD(associated, { plaintextLength: plain.length });
  return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

const sizes = [...Array(140).keys(), 255, 256, 495, 496, 497, 511, 512, 513, 4095, 65_536, 1_000_003];

describe("the portable AEAD against OpenSSL", () => {
  test("texts of every size", () => {
    for (const size of sizes) {
      const [plain, associated] = [nodeCrypto.randomBytes(size), nodeCrypto.randomBytes(size % 70)];
      const buffer = sealed(portableChaCha20Poly1305, plain, associated);
      expect(Buffer.compare(buffer, sealedByOpenSsl(plain, associated)), `${size} bytes`).toBe(0);
      expect(portableChaCha20Poly1305.open(key, nonce, associated, buffer)).toBe(true);
      expect(Buffer.compare(buffer.subarray(0, size), plain)).toBe(0);
    }
  });
});

describe("OpenSSL as the host's AEAD", () => {
  let calls = 0;
  beforeAll(() => expect(installHostAead()).toBe(true));
  afterAll(() => useHostAead(undefined));

  test("gives the portable answers, below and above the size where it takes over", () => {
    for (const size of sizes) {
      const [plain, associated] = [nodeCrypto.randomBytes(size), nodeCrypto.randomBytes(size % 70)];
      const buffer = sealed(chaCha20Poly1305, plain, associated);
      expect(Buffer.compare(buffer, sealed(portableChaCha20Poly1305, plain, associated)), `${size} bytes`).toBe(0);
      expect(chaCha20Poly1305.open(key, nonce, associated, buffer)).toBe(true);
      expect(Buffer.compare(buffer.subarray(0, size), plain)).toBe(0);
      if (buffer.length >= HOST_AEAD_SIZE_MIN) calls++;
    }
    expect(calls).toBeGreaterThan(5);
  });

  test("opens nothing that was changed", () => {
    const associated = nodeCrypto.randomBytes(10);
    const good = sealed(chaCha20Poly1305, nodeCrypto.randomBytes(HOST_AEAD_SIZE_MIN), associated);
    for (const index of [0, HOST_AEAD_SIZE_MIN - 1, HOST_AEAD_SIZE_MIN, good.length - 1]) {
      const bad = good.slice();
      bad[index]! ^= 0x80;
      expect(chaCha20Poly1305.open(key, nonce, associated, bad), `byte ${index}`).toBe(false);
    }
    expect(chaCha20Poly1305.open(key, nonce, associated.subarray(1), good.slice())).toBe(false);
    expect(chaCha20Poly1305.open(key, nonce, associated, good.slice())).toBe(true);
  });

  test("the room for the tag may hold anything before", () => {
    const buffer = new Uint8Array(HOST_AEAD_SIZE_MIN).fill(7);
    const other = buffer.slice().fill(0, -AEAD_TAG_SIZE);
    chaCha20Poly1305.seal(key, nonce, new Uint8Array(0), buffer);
    portableChaCha20Poly1305.seal(key, nonce, new Uint8Array(0), other);
    expect(buffer).toEqual(other);
  });
});
