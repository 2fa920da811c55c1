import { expect, test } from "vitest";
import { cosignerName, fileNamePart } from "./cosigner-name.ts";

test("a signer is called by name, else by the wallet that has the words, else by fingerprint, else by place", () => {
  const signer = { name: "Alice", owner: "Savings", fingerprint: "73c5da0a" };
  expect(cosignerName(signer, 0)).toBe("Alice");
  expect(cosignerName({ ...signer, name: "" }, 0)).toBe("Savings");
  expect(cosignerName({ ...signer, name: "", owner: undefined }, 0)).toBe("73c5da0a");
  expect(cosignerName({ name: "", owner: undefined, fingerprint: undefined }, 1)).toBe("Key 2");
});

test("a wallet's name becomes part of a file's", () => {
  expect(fileNamePart("  Über uns / 2 of 3 ")).toBe("uber-uns-2-of-3");
  expect(fileNamePart("共同")).toBe("wallet");
  expect(fileNamePart("../../etc")).toBe("etc");
});
