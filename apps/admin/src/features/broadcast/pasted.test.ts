import { describe, expect, test } from "vitest";
import { readPasted, textOfFile } from "./pasted.ts";

describe("what was pasted", () => {
  test("hex is a transaction, whatever blanks and capitals it has", () => {
    expect(readPasted(" 02 00AB\n00 ")).toEqual({ kind: "transaction", hex: "0200ab00" });
  });

  test("a PSBT is known in base 64 and in hex", () => {
    expect(readPasted("cHNidP8B\nAA==")).toEqual({ kind: "psbt", psbt: "cHNidP8BAA==" });
    expect(readPasted("70736274FF0100")).toEqual({ kind: "psbt", psbt: "cHNidP8BAA==" });
  });

  test("what is neither is said to be so, and why", () => {
    expect(readPasted("  \n")).toEqual({ kind: "nothing" });
    expect(readPasted("020")).toEqual({ kind: "unknown", problem: "odd" });
    expect(readPasted("0200xx")).toEqual({ kind: "unknown", problem: "characters" });
    expect(readPasted("cHNidP8B<script>")).toEqual({ kind: "unknown", problem: "characters" });
  });

  test("a file holds a PSBT as bytes, or text", () => {
    expect(textOfFile(Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff, 1, 0))).toBe("cHNidP8BAA==");
    expect(textOfFile(new TextEncoder().encode("0200"))).toBe("0200");
  });
});
