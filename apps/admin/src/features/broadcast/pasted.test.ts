import { describe, expect, test } from "vitest";
import { readPasted, textOfFile } from "./pasted.ts";

describe("what was pasted", () => {
  test("hex is a transaction, whatever blanks and capitals it has", () => {
    expect(readPasted(" 02 00AB\n00 ")).toEqual({ kind: "transaction", hex: "0200ab00" });
  });

  test("a PSBT is known in base 64 and in hex", () => {
    expect(readPasted("cHNidP8B\nAA==")).toEqual({ kind: "psbt", psbts: ["cHNidP8BAA=="] });
    expect(readPasted("70736274FF0100")).toEqual({ kind: "psbt", psbts: ["cHNidP8BAA=="] });
  });

  test("several transactions stand one on a line or in a list, each once; lines of one are that one", () => {
    const [first, second] = ["0200000001aa", "0300000001BB"];
    const both = { kind: "package", transactions: ["0200000001aa", "0300000001bb"] };
    expect(readPasted(`${first}\n\n${second}\n${first}`)).toEqual(both);
    expect(readPasted(JSON.stringify([first, second], undefined, 2))).toEqual(both);
    expect(readPasted(`${first},${second}`)).toEqual(both);
    expect(readPasted(JSON.stringify([first]))).toEqual({ kind: "transaction", hex: first });
    expect(readPasted(`${first}\n${first}`)).toEqual({ kind: "transaction", hex: first });
    expect(readPasted(`${first}\naabb`)).toEqual({ kind: "transaction", hex: `${first}aabb` });
    const lines = (count: number) => Array.from({ length: count }, (_, index) => `02000000${10 + index}`).join("\n");
    expect(readPasted(lines(25))).toMatchObject({ kind: "package" });
    expect(readPasted(lines(26))).toEqual({ kind: "unknown", problem: "many" });
  });

  test("several PSBTs are parts of one", () => {
    expect(readPasted("cHNidP8BAA==\n70736274FF0100")).toEqual({
      kind: "psbt",
      psbts: ["cHNidP8BAA==", "cHNidP8BAA=="],
    });
    expect(readPasted("cHNidP8BAA==\n02000000")).toEqual({ kind: "unknown", problem: "mixed" });
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
