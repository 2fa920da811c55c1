import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { describe, expect, test } from "vitest";
import { hashOfKey } from "./api-keys.ts";
import { formatKeyFile, KeyFileError, keyNameProblem, parseKeyFile, parseOldKeyFile } from "./key-file.ts";

const HASH = toHex(hashOfKey("some key"));
const row = (more: object = {}) => ({
  name: "ci",
  role: "wallet",
  sha256: HASH,
  created: "2026-01-31T12:00:00.000Z",
  ...more,
});
const fileOf = (...keys: unknown[]) => JSON.stringify({ version: 1, keys });
const parse = (text: string) => parseKeyFile(text, "/data/keys");

describe("the file of keys", () => {
  test("reads what it wrote, with all that a key can have", () => {
    const full = row({
      allow: ["setMining", "GET /api/v1/*"],
      rate: { tokens: 10, per_second: 0.5 },
      expires: "2026-03-01T00:00:00.000Z",
    });
    const keys = parse(fileOf(full, row({ name: "b", role: "admin", sha256: "ab".repeat(32) })));
    expect(keys[0]).toEqual({
      name: "ci",
      role: "wallet",
      hash: hashOfKey("some key"),
      createdMs: Date.parse("2026-01-31T12:00:00Z"),
      allow: ["setMining", "GET /api/v1/*"],
      rate: { capacity: 10, refillPerSecond: 0.5 },
      expiresMs: Date.parse("2026-03-01T00:00:00Z"),
    });
    expect(parse(formatKeyFile(keys))).toEqual(keys);
    expect(JSON.parse(formatKeyFile(keys)).keys[0]).toEqual(full);
    expect(parse(fileOf())).toEqual([]);
  });

  test.each([
    ["", "it is no JSON"],
    ["{", "it is no JSON"],
    ["null", "the content must be an object"],
    ["[]", "the content must be an object"],
    ["{}", "version must be 1"],
    ['{"version":2,"keys":[]}', "version must be 1"],
    ['{"version":1}', "keys must be a list of at most 1000"],
    ['{"version":1,"keys":{}}', "keys must be a list"],
    ['{"version":1,"keys":[],"admin":"x"}', "admin is not known"],
    [fileOf("x"), "keys[0] must be an object"],
    [fileOf(row(), row({ sha256: "ab".repeat(32) })), "keys[1].name is there twice"],
    [fileOf(row(), row({ name: "other" })), "keys[1].sha256 is another key's as well"],
    [fileOf(row({ key: "x" })), "keys[0].key is not known"],
    [fileOf(row({ name: "" })), "keys[0].name must be 1 to 64 letters"],
    [fileOf(row({ name: "a:b" })), "keys[0].name must be"],
    [fileOf(row({ role: "root" })), "keys[0].role must be one of public, wallet, admin"],
    [fileOf(row({ role: undefined })), "keys[0].role must be"],
    [fileOf(row({ sha256: "ab" })), "keys[0].sha256 must be the key's SHA-256"],
    [fileOf(row({ sha256: "zz".repeat(32) })), "keys[0].sha256 must be"],
    [fileOf(row({ created: "yesterday" })), "keys[0].created must be a time as"],
    [fileOf(row({ expires: 7 })), "keys[0].expires must be a time as"],
    [fileOf(row({ allow: [] })), "keys[0].allow must be a list of 1 to 100 routes"],
    [fileOf(row({ allow: "mining" })), "keys[0].allow must be a list"],
    [fileOf(row({ allow: [7] })), "keys[0].allow[0] must be a text"],
    [fileOf(row({ allow: ["mining", "minning"] })), 'keys[0].allow[1] in /data/keys: "minning" is neither'],
    [fileOf(row({ rate: 5 })), "keys[0].rate must be"],
    [fileOf(row({ rate: { tokens: 1.5, per_second: 1 } })), "keys[0].rate must be"],
    [fileOf(row({ rate: { tokens: 1, per_second: 0 } })), "keys[0].rate must be"],
    [fileOf(row({ rate: { tokens: 1, per_second: 1, x: 1 } })), "keys[0].rate must be"],
  ])("refuses %s", (text, reason) => {
    const error = (() => {
      try {
        return parse(text);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(KeyFileError);
    expect((error as Error).message).toContain(reason);
    expect((error as Error).message).toContain("/data/keys");
  });

  test("says of the earlier form what it is, and shows no key of a damaged file", () => {
    expect(() => parse('{"admin":"c1e4r"}')).toThrow(/earlier version.*bitfleet keys list --file=\/data\/keys/);
    expect(() => parse('{"admin":"c1e4r",}')).toThrow(/^(?!.*c1e4r)/);
    expect(parseOldKeyFile('{"admin":"c1e4r"}')).toEqual({ admin: "c1e4r" });
    for (const text of [
      "",
      "{}",
      '{"admin":""}',
      '{"admin":"two words"}',
      '{"admin":7}',
      '{"admin":"a","b":1}',
      fileOf(),
    ])
      expect(parseOldKeyFile(text), text).toBeUndefined();
  });

  test("a thousand keys are read, one more is refused", () => {
    const many = (count: number) =>
      fileOf(
        ...Array.from({ length: count }, (_, i) => row({ name: `k${i}`, sha256: i.toString(16).padStart(64, "0") })),
      );
    expect(parse(many(1000)).length).toBe(1000);
    expect(() => parse(many(1001))).toThrow("keys must be a list of at most 1000");
  });

  test("names begin with a letter or digit", () => {
    for (const name of ["a", "CI-2", "7", "x".repeat(64)]) expect(keyNameProblem(name)).toBeUndefined();
    for (const name of ["", "-a", ".a", "a b", "ä", "x".repeat(65)]) expect(keyNameProblem(name)).toMatch(/^The name/);
  });
});
