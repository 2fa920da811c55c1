import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import {
  bigIntFromLittleEndian,
  concatBytes,
  EMPTY_BYTES,
  fromHex,
  littleEndianFromBigInt,
  toHex,
} from "../bytes/bytes.ts";
import { chaCha20Keystream, chaCha20Xor } from "./chacha20.ts";
import {
  AEAD_TAG_SIZE,
  type Aead,
  chaCha20Poly1305,
  HOST_AEAD_SIZE_MIN,
  portableChaCha20Poly1305,
  useHostAead,
} from "./chacha20-poly1305.ts";
import { FSChaCha20, FSChaCha20Poly1305, REKEY_INTERVAL } from "./chacha20-poly1305-rekeying.ts";
import { Poly1305, poly1305 } from "./poly1305.ts";
import { seededBytes } from "./test-kit.ts";

const text = (value: string) => new TextEncoder().encode(value);
const SUNSCREEN = text(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);
const counting = (first: number, size: number) => Uint8Array.from({ length: size }, (_, index) => first + index);

/** A copy of `plain` with room for the tag. */
const withRoom = (plain: Uint8Array) => concatBytes(plain, new Uint8Array(AEAD_TAG_SIZE));

function sealed(aead: Aead, plain: Uint8Array, associated = EMPTY_BYTES): Uint8Array {
  const buffer = withRoom(plain);
  aead.seal(counting(1, 32), counting(2, 12), associated, buffer);
  return buffer;
}

const open = (aead: Aead, buffer: Uint8Array, associated = EMPTY_BYTES) =>
  aead.open(counting(1, 32), counting(2, 12), associated, buffer);

/** Poly1305 as its definition has it. */
function referencePoly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  const prime = (1n << 130n) - 5n;
  const r = bigIntFromLittleEndian(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let offset = 0; offset < message.length; offset += 16) {
    sum =
      ((sum + bigIntFromLittleEndian(concatBytes(message.subarray(offset, offset + 16), Uint8Array.of(1)))) * r) %
      prime;
  }
  return littleEndianFromBigInt(sum + bigIntFromLittleEndian(key.subarray(16)), 16);
}

describe("RFC 8439, ChaCha20", () => {
  test("2.3.2: the block function", () => {
    const block = new Uint8Array(64);
    chaCha20Xor(counting(0, 32), fromHex("000000090000004a00000000"), 1, block);
    expect(toHex(block)).toBe(
      "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e" +
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e",
    );
  });

  test("2.4.2: encryption from block 1, in place and back", () => {
    const bytes = SUNSCREEN.slice();
    const nonce = fromHex("000000000000004a00000000");
    chaCha20Xor(counting(0, 32), nonce, 1, bytes);
    expect(toHex(bytes.subarray(0, 16))).toBe("6e2e359a2568f98041ba0728dd0d6981");
    expect(toHex(bytes.subarray(-16))).toBe("0bbf74a35be6b40b8eedf2785e42874d");
    chaCha20Xor(counting(0, 32), nonce, 1, bytes);
    expect(bytes).toEqual(SUNSCREEN);
  });

  test.each([0, 1, 3, 63, 64, 65, 127, 128, 200])("%i bytes at any place of their buffer", (size) => {
    const keystream = chaCha20Keystream(counting(9, 32), 4);
    for (const offset of [0, 1, 2, 3]) {
      const around = new Uint8Array(size + 8);
      chaCha20Xor(counting(9, 32), new Uint8Array(12), 0, around.subarray(offset, offset + size));
      expect(around.subarray(offset, offset + size)).toEqual(keystream.subarray(0, size));
      expect(around.subarray(offset + size)).toEqual(new Uint8Array(8 - offset));
    }
  });
});

describe("RFC 8439, Poly1305", () => {
  const key = (r: string, s = "") => fromHex(r.padEnd(32, "0") + s.padEnd(32, "0"));

  test("2.5.2", () => {
    const oneTime = key("85d6be7857556d337f4452fe42d506a8", "0103808afb0db2fd4abff6af4149f51b");
    expect(toHex(poly1305(oneTime, text("Cryptographic Forum Research Group")))).toBe(
      "a8061dc1305136c6c22b8baf0c0127a9",
    );
  });

  const ones = "ff".repeat(16);
  test.each([
    ["A.3 #7: the product is reduced", key("02"), ones, "03"],
    ["A.3 #8: the sum with s overflows 128 bits", key("02", ones), "02".padEnd(32, "0"), "03"],
    ["A.3 #9: 2^130 - 5 or more remains", key("01"), `${ones}f0${"ff".repeat(15)}${"11".padEnd(32, "0")}`, "05"],
    ["A.3 #10: exactly 2^130 - 5 remains", key("01"), `${ones}fb${"fe".repeat(15)}${"01".repeat(16)}`, ""],
    ["A.3 #11: 2^130 - 6 remains", key("02"), `fd${"ff".repeat(15)}`, `fa${"ff".repeat(15)}`],
  ])("%s", (_, oneTime, message, tag) => {
    expect(toHex(poly1305(oneTime, fromHex(message)))).toBe(tag.padEnd(32, "0"));
  });

  test("the largest numbers stay exact", () => {
    for (const size of [16, 31, 160, 1600, 16_001]) {
      const [worstKey, worst] = [new Uint8Array(32).fill(0xff), new Uint8Array(size).fill(0xff)];
      expect(poly1305(worstKey, worst)).toEqual(referencePoly1305(worstKey, worst));
    }
  });

  test("as its definition has it, whole or in pieces", () => {
    const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(keys, fc.uint8Array({ maxLength: 200 }), fc.nat(12), (oneTime, message, blocks) => {
        const expected = referencePoly1305(oneTime, message);
        expect(poly1305(oneTime, message)).toEqual(expected);
        const pieces = new Poly1305(oneTime)
          .update(message.subarray(0, 16 * blocks))
          .update(message.subarray(16 * blocks));
        expect(pieces.finish()).toEqual(expected);
      }),
    );
  });
});

describe("RFC 8439, AEAD", () => {
  const [key, nonce, associated] = [
    counting(0x80, 32),
    fromHex("070000004041424344454647"),
    fromHex("50515253c0c1c2c3c4c5c6c7"),
  ];

  test("2.8.2", () => {
    const buffer = withRoom(SUNSCREEN);
    chaCha20Poly1305.seal(key, nonce, associated, buffer);
    expect(toHex(buffer)).toBe(
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b" +
        "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
        "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691",
    );
    expect(chaCha20Poly1305.open(key, nonce, associated, buffer)).toBe(true);
    expect(buffer.subarray(0, -AEAD_TAG_SIZE)).toEqual(SUNSCREEN);
  });

  test("no bit may be other", () => {
    const good = sealed(chaCha20Poly1305, counting(0, 40), counting(0, 5));
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const bad = good.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      expect(open(chaCha20Poly1305, bad, counting(0, 5)), `bit ${bit}`).toBe(false);
    }
    expect(open(chaCha20Poly1305, good.slice(), counting(0, 6))).toBe(false);
    expect(open(chaCha20Poly1305, good.slice(), counting(1, 5))).toBe(false);
    expect(open(chaCha20Poly1305, good.slice(0, -1), counting(0, 5))).toBe(false);
    expect(open(chaCha20Poly1305, good.slice(), counting(0, 5))).toBe(true);
  });

  test("associated bytes and text do not run into each other", () => {
    const good = sealed(chaCha20Poly1305, new Uint8Array(16), new Uint8Array(16));
    expect(open(chaCha20Poly1305, good.slice(), new Uint8Array(15))).toBe(false);
    expect(open(chaCha20Poly1305, good.slice(), new Uint8Array(32))).toBe(false);
  });

  test("the empty text has a tag too, and less than a tag is nothing", () => {
    const empty = sealed(chaCha20Poly1305, EMPTY_BYTES);
    expect(open(chaCha20Poly1305, empty)).toBe(true);
    for (let size = 0; size < AEAD_TAG_SIZE; size++) expect(open(chaCha20Poly1305, new Uint8Array(size))).toBe(false);
  });
});

describe("a host's AEAD", () => {
  afterEach(() => useHostAead(undefined));

  test("takes over from its size on", () => {
    const sizes: number[] = [];
    useHostAead({
      seal: (key, nonce, associated, buffer) => {
        sizes.push(buffer.length);
        portableChaCha20Poly1305.seal(key, nonce, associated, buffer);
      },
      open: portableChaCha20Poly1305.open,
    });
    sizes.length = 0;
    sealed(chaCha20Poly1305, new Uint8Array(HOST_AEAD_SIZE_MIN - AEAD_TAG_SIZE - 1));
    expect(sizes).toEqual([]);
    sealed(chaCha20Poly1305, new Uint8Array(HOST_AEAD_SIZE_MIN - AEAD_TAG_SIZE));
    expect(sizes).toEqual([HOST_AEAD_SIZE_MIN]);
  });

  test.each<[string, Partial<Aead>]>([
    ["seals wrongly", { seal: () => {} }],
    ["opens anything", { open: () => true }],
    ["opens nothing", { open: () => false }],
    [
      "does not decrypt",
      {
        open: (key, nonce, associated, buffer) => portableChaCha20Poly1305.open(key, nonce, associated, buffer.slice()),
      },
    ],
  ])("is refused where it %s", (_, wrong) => {
    expect(() => useHostAead({ ...portableChaCha20Poly1305, ...wrong })).toThrow("wrong answers");
  });
});

describe("BIP324's rekeying ciphers", () => {
  const random = seededBytes(11);
  const key = random(32);

  /** The nonce of a message by BIP324. */
  const nonceOf = (index: number, rekeyings: number) =>
    concatBytes(littleEndianFromBigInt(BigInt(index), 4), littleEndianFromBigInt(BigInt(rekeyings), 8));

  test("the AEAD changes its nonce each time and its key every 224 messages", () => {
    const [sender, receiver] = [new FSChaCha20Poly1305(key), new FSChaCha20Poly1305(key)];
    let current = key;
    for (let count = 0; count < 3 * REKEY_INTERVAL; count++) {
      const [index, rekeyings] = [count % REKEY_INTERVAL, Math.floor(count / REKEY_INTERVAL)];
      const plain = random(count % 50);
      const expected = withRoom(plain);
      portableChaCha20Poly1305.seal(current, nonceOf(index, rekeyings), Uint8Array.of(count), expected);
      const buffer = withRoom(plain);
      sender.seal(Uint8Array.of(count), buffer);
      expect(buffer, `message ${count}`).toEqual(expected);
      expect(receiver.open(Uint8Array.of(count), buffer)).toBe(true);
      expect(buffer.subarray(0, plain.length)).toEqual(plain);
      if (index === REKEY_INTERVAL - 1) {
        const next = new Uint8Array(32 + AEAD_TAG_SIZE);
        portableChaCha20Poly1305.seal(current, nonceOf(0xffffffff, rekeyings), EMPTY_BYTES, next);
        current = next.subarray(0, 32);
      }
    }
  });

  test("a message is good at its place only", () => {
    const sender = new FSChaCha20Poly1305(key);
    const [first, second] = [withRoom(counting(0, 9)), withRoom(counting(0, 9))];
    sender.seal(EMPTY_BYTES, first);
    sender.seal(EMPTY_BYTES, second);
    expect(first).not.toEqual(second);
    expect(new FSChaCha20Poly1305(key).open(EMPTY_BYTES, second)).toBe(false);
  });

  test("the stream cipher uses its keystream without a gap and the next 32 bytes as the next key", () => {
    const cipher = new FSChaCha20(key);
    let current = key;
    for (let rekeyings = 0; rekeyings < 3; rekeyings++) {
      const keystream = chaCha20Keystream(current, 11, nonceOf(0, rekeyings));
      for (let index = 0; index < REKEY_INTERVAL; index++) {
        expect(cipher.crypt(new Uint8Array(3))).toEqual(keystream.subarray(3 * index, 3 * index + 3));
      }
      current = keystream.subarray(3 * REKEY_INTERVAL, 3 * REKEY_INTERVAL + 32);
    }
  });

  test("chunks of any size, and crypting twice gives them back", () => {
    const [one, other] = [new FSChaCha20(key), new FSChaCha20(key)];
    for (let count = 0; count < 2 * REKEY_INTERVAL + 5; count++) {
      const chunk = random(count % 150);
      expect(other.crypt(one.crypt(chunk))).toEqual(chunk);
    }
  });

  test("the key is the caller's and is not changed", () => {
    const given = key.slice();
    const cipher = new FSChaCha20(given);
    for (let count = 0; count <= REKEY_INTERVAL; count++) cipher.crypt(new Uint8Array(3));
    expect(given).toEqual(key);
  });
});
