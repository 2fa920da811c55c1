import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBytewords, encodeBytewords } from "./bytewords.ts";
import { encodeCborPart } from "./cbor.ts";
import { PARTS_MAX, WHOLE_BYTES_MAX } from "./limits.ts";
import { cborMessageOf, messageOf } from "./parts.test-kit.ts";
import { readUr, urParts } from "./ur.ts";

/** Of the reference implementation: its message of 50 bytes in one code, and of those of 256 bytes, which are nine, the first one and a mixed one. */
const WHOLE =
  "ur:bytes/hdeymejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtgwdpfnsboxgwlbaawzuefywkdplrsrjynbvygabwjldapfcsdwkbrkch";
const PART =
  "ur:bytes/1-9/lpadascfadaxcywenbpljkhdcahkadaemejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtdkgslpgh";
const MIXED_PART =
  "ur:bytes/14-9/lpbaascfadaxcywenbpljkhdcapazewnvonnvdnsbyleynwtnsjkjndeoldydkbkdslgjkbbkortbelomueekgvstegt";

test("a message is one code where it fits, in capitals, and read in any", () => {
  const cbor = cborMessageOf(50);
  expect(urParts("bytes", cbor, 52)).toMatchObject({ count: 1 });
  expect(urParts("bytes", cbor, 52).part(1)).toBe(WHOLE.toUpperCase());
  expect(readUr(WHOLE)).toEqual({ type: "bytes", cbor });
  expect(readUr(WHOLE.toUpperCase())).toEqual({ type: "bytes", cbor });
  expect(urParts("bytes", cbor, 51).count).toBe(2);
});

test("the first part of a longer one", () => {
  const parts = urParts("bytes", cborMessageOf(256), 30);
  expect(parts).toMatchObject({ count: 9 });
  expect(parts.part(1)).toBe(PART.toUpperCase());
  expect(readUr(PART)).toMatchObject({ type: "bytes", number: 1, count: 9, messageSize: 259 });
  expect(parts.part(14)).toBe(MIXED_PART.toUpperCase());
});

/** BCR-2024-001, the parts of 256 bytes: what is behind the number, which is the first of five fields. */
const DATA = [
  "916ec65cf77cadf55cd7f9cda1a1030026ddd42e905b77adc36e4f2d3c",
  "cba44f7f04f2de44f42d84c374a0e149136f25b01852545961d55f7f7a",
  "8cde6d0e2ec43f3b2dcb644a2209e8c9e34af5c4747984a5e873c9cf5f",
  "965e25ee29039fdf8ca74f1c769fc07eb7ebaec46e0695aea6cbd60b3e",
  "c4bbff1b9ffe8a9e7240129377b9d3711ed38d412fbb4442256f1e6f59",
  "5e0fc57fed451fb0a0101fb76b1fb1e1b88cfdfdaa946294a47de8fff1",
  "73f021c0e6f65b05c0a494e50791270a0050a73ae69b6725505a2ec8a5",
  "791457c9876dd34aadd192a53aa0dc66b556c0c215c7ceb8248b717c22",
  "951e65305b56a3706e3e86eb01c803bbf915d80edcd64d4d0000000000",
  "330f0f33a05eead4f331df229871bee733b50de71afd2e5a79f196de09",
  "3b205ce5e52d8c24a52cffa34c564fa1af3fdffcd349dc4258ee4ee828",
  "dd7bf725ea6c16d531b5f03254783803048ca08b87148daacd1cd7a006",
  "760be7ad1c6187902bbc04f539b9ee5eb8ea6833222edea36031306c01",
  "5bf4031217d2c3254b088fa7553778b5003632f46e21db129416f65b55",
  "73f021c0e6f65b05c0a494e50791270a0050a73ae69b6725505a2ec8a5",
  "b8546ebfe2048541348910267331c643133f828afec9337c318f71b7df",
  "23dedeea74e3a0fb052befabefa13e2f80e4315c9dceed4c8630612e64",
  "d01a8daee769ce34b6b35d3ca0005302724abddae405bdb419c0a6b208",
  "3171c5dc365766eff25ae47c6f10e7de48cfb8474e050e5fe997a6dc24",
  "e055c2433562184fa71b4be94f262e200f01c6f74c284b0dc6fae6673f",
];

test("plain and mixed parts have what their numbers say", () => {
  const parts = urParts("bytes", messageOf(256), 30);
  DATA.forEach((data, place) => {
    const letters = parts.part(place + 1).replace(/^.*\//u, "");
    const number = (place + 1).toString(16).padStart(2, "0");
    expect(toHex(decodeBytewords(letters)!), `part ${place + 1}`).toBe(`85${number}091901001a0167aa07581d${data}`);
  });
});

/** A part whose own checksum is right. */
const partOf = (numbers: readonly number[], size: number, address = `${numbers[0]}-${numbers[1]}`) =>
  `ur:bytes/${address}/${encodeBytewords(encodeCborPart(numbers, new Uint8Array(size)))}`;

test("a part that is right is read", () => {
  expect(readUr(partOf([3, 2, 19, 7], 10))).toEqual({
    type: "bytes",
    number: 3,
    count: 2,
    messageSize: 19,
    checksum: 7,
    data: new Uint8Array(10),
  });
});

describe("a part is damaged", () => {
  test.each([
    ["with a letter that is another", PART.replace("lpad", "lpae")],
    ["without its end", PART.slice(0, -2)],
    ["with another number in its address", partOf([3, 2, 19, 7], 10, "4-2")],
    ["with another count in its address", partOf([3, 2, 19, 7], 10, "3-3")],
    ["with the number 0", partOf([0, 2, 19, 7], 10)],
    ["of none", partOf([1, 0, 0, 7], 10)],
    ["with nothing in it", partOf([1, 1, 1, 7], 0)],
    ["of fewer than the message needs", partOf([1, 2, 21, 7], 10)],
    ["of more than the message needs", partOf([1, 2, 10, 7], 10)],
    ["with a field too many", partOf([1, 2, 19, 7, 7], 10)],
    ["with a field too few", partOf([1, 2, 19], 10)],
    ["of another type's letters", PART.replace("bytes", "by_tes")],
    ["with a number of eleven digits", PART.replace("1-9", "00000000001-9")],
    ["that is no array", `ur:bytes/1-9/${encodeBytewords(Uint8Array.of(0))}`],
    ["that is no CBOR", `ur:bytes/1-9/${encodeBytewords(Uint8Array.of(0x85))}`],
  ])("%s", (_name, text) => {
    expect(readUr(text)).toBeUndefined();
  });
});

test("more parts, or bytes, than are gathered are known by the first", () => {
  expect(readUr(partOf([1, PARTS_MAX, PARTS_MAX * 10, 7], 10))).toMatchObject({ count: PARTS_MAX });
  expect(readUr(partOf([1, PARTS_MAX + 1, PARTS_MAX * 10 + 1, 7], 10))).toBe("too-many");
  expect(readUr(partOf([1, 0xffffffff, 0xffffffff, 7], 1))).toBe("too-many");
  expect(readUr(partOf([1, 1_000, WHOLE_BYTES_MAX, 7], 1_000))).toMatchObject({ messageSize: WHOLE_BYTES_MAX });
  expect(readUr(partOf([1, 1_000, WHOLE_BYTES_MAX + 1, 7], 1_001))).toBe("too-many");
});

test("parts are numbered from 1 to 2^32 - 1", () => {
  const parts = urParts("bytes", messageOf(100), 30);
  for (const number of [0, 2 ** 32]) expect(() => parts.part(number)).toThrow(RangeError);
  expect(readUr(parts.part(0xffffffff))).toMatchObject({ number: 0xffffffff });
});

test("no part is larger than was asked for", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 10, max: 400 }), (size, sizeMax) => {
      const { count, part } = urParts("bytes", messageOf(size), sizeMax);
      const read = readUr(part(count));
      if (read === undefined || read === "too-many") throw new Error("it is not read");
      expect("cbor" in read ? read.cbor.length : read.data.length).toBeLessThanOrEqual(sizeMax);
      expect(count).toBe("cbor" in read ? 1 : read.count);
    }),
    { numRuns: 50 },
  );
});
