import { describe, expect, test } from "vitest";
import { CheckedFileError, seal, unseal, verifyChecksum } from "./checked-file.ts";

const MAGIC = Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda);
const CONTENTS = Uint8Array.of(1, 2, 3);

describe("a sealed file", () => {
  test("opens again", () => {
    const bytes = seal(MAGIC, CONTENTS);
    expect(bytes).toHaveLength(4 + 3 + 32);
    expect(unseal(MAGIC, bytes)).toEqual(CONTENTS);
    expect(() => verifyChecksum(bytes)).not.toThrow();
    expect(unseal(MAGIC, seal(MAGIC, new Uint8Array(0)))).toEqual(new Uint8Array(0));
  });

  test.each([
    ["nothing", new Uint8Array(0), "end of file"],
    ["half a magic", MAGIC.slice(0, 3), "end of file"],
    ["a magic alone", MAGIC, "end of file"],
    ["less than a checksum", seal(MAGIC, new Uint8Array(0)).slice(0, -1), "end of file"],
    [
      "another network",
      seal(
        MAGIC.map((byte) => byte ^ 1),
        CONTENTS,
      ),
      "Invalid network magic number",
    ],
    ["another network, cut short", MAGIC.map((byte) => byte ^ 1), "Invalid network magic number"],
  ])("%s does not", (_, bytes, message) => {
    expect(() => unseal(MAGIC, bytes)).toThrow(new CheckedFileError(message));
  });

  test("a changed byte anywhere is noticed", () => {
    const bytes = seal(MAGIC, CONTENTS);
    for (const index of bytes.keys()) {
      const changed = bytes.slice();
      changed[index]! ^= 1;
      expect(() => verifyChecksum(changed), `byte ${index}`).toThrow("Checksum mismatch, data corrupted");
    }
  });
});
