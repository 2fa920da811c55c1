import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { describe, expect, test } from "vitest";
import { descriptorChecksum, inferDescriptor, scriptOfDescriptor } from "./output-descriptor.ts";

const context = { prefixes: regtestNetwork().addressPrefixes, secp256k1: portableSecp256k1 };
const KEY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

describe("BIP380 checksum", () => {
  test.each([
    ["raw(deadbeef)", "89f8spxm"],
    ["raw()", "58lrscpx"],
  ])("%s", (text, checksum) => {
    expect(descriptorChecksum(text)).toBe(checksum);
  });

  test("characters that no descriptor has", () => {
    expect(descriptorChecksum("raw(Ü)")).toBeUndefined();
    expect(descriptorChecksum("raw(\u0007)")).toBeUndefined();
  });

  test.each([
    ["raw(deadbeef)#", "Expected 8 character checksum, not 0 characters"],
    ["raw(deadbeef)#89f8spxmx", "Expected 8 character checksum, not 9 characters"],
    ["raw(deadbeef)#89f8spx", "Expected 8 character checksum, not 7 characters"],
    ["raw(dedbeef)#89f8spxm", "Provided checksum '89f8spxm' does not match computed checksum"],
    ["raw(deadbeef)##9f8spxm", "Multiple '#' symbols"],
    ["raw(Ü)#00000000", "Invalid characters in payload"],
  ])("%s is refused", (text, message) => {
    expect(scriptOfDescriptor(text, context)).toEqual({ error: expect.stringContaining(message) });
  });
});

describe("scripts of descriptors", () => {
  test.each([
    ["raw(6a)", "6a"],
    [`pk(${KEY})`, `21${KEY}ac`],
    [`pkh(${KEY})`, "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac"],
    [`wpkh(${KEY})`, "0014751e76e8199196d454941c45d1b3a323f1433bd6"],
    [`combo(${KEY})`, "0014751e76e8199196d454941c45d1b3a323f1433bd6"],
    [`rawtr(${KEY.slice(2)})`, `5120${KEY.slice(2)}`],
    ["addr(2NF2b3KS8xXb9XHvbRMXdZh8s5g92rUZHtp)", "a914eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee87"],
  ])("%s", (text, script) => {
    expect(scriptOfDescriptor(text, context)).toEqual({ script: fromHex(script) });
  });

  test.each([
    "",
    "raw",
    "raw(",
    "raw(zz)",
    "pk()",
    "pk(00)",
    `pk(${KEY.replace("02", "05")})`,
    "addr(x)",
    "foo(51)",
    "constructor(51)",
  ])("%j is none", (text) => {
    expect(scriptOfDescriptor(text, context)).toHaveProperty("error");
  });
});

test("a script's descriptor names that script", () => {
  for (const script of [
    "6a",
    "51",
    `21${KEY}ac`,
    "0014751e76e8199196d454941c45d1b3a323f1433bd6",
    `5120${KEY.slice(2)}`,
  ]) {
    expect(scriptOfDescriptor(inferDescriptor(fromHex(script), context), context)).toEqual({ script: fromHex(script) });
  }
});
