import { expect, test } from "vitest";
import { readExtendedKey } from "./extended-key.ts";
import { readEntry, watchBodyOf } from "./watched-text.ts";

/** BIP84's account of the mnemonic "abandon … about", as SLIP132 and as BIP32 write it. */
const ZPUB =
  "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs";
const XPUB =
  "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V";

test("keys of wallets are read as BIP32 writes them", () => {
  expect(readExtendedKey(ZPUB)).toEqual({ text: XPUB, kind: "wpkh" });
  expect(readExtendedKey(XPUB)).toEqual({ text: XPUB, kind: "any" });
  expect(readExtendedKey(ZPUB.replace("zpub6r", "zpub6s"))).toBeUndefined();
  expect(readExtendedKey("0OIl")).toBeUndefined();
});

test("an extended key stands for each kind of address that it may be for", () => {
  expect(readEntry(` ${ZPUB}\n`)).toEqual({ kind: "descriptors", descriptors: [`wpkh(${XPUB}/<0;1>/*)`] });
  expect(readEntry(`[73c5da0a/84h/0h/0h]${XPUB}/0/*`)).toEqual({
    kind: "descriptors",
    descriptors: ["wpkh(", "tr(", "sh(wpkh(", "pkh("].map(
      (start) => `${start}[73c5da0a/84h/0h/0h]${XPUB}/0/*${")".repeat(start.split("(").length - 1)}`,
    ),
  });
  expect(readEntry(`${XPUB.slice(0, -1)}W`)).toEqual({ kind: "problem", problem: "checksum" });
});

test("descriptors stay as they are, one a line", () => {
  expect(readEntry("wpkh(tpubA/0/*)#abc\n\n tr(tpubB) ")).toEqual({
    kind: "descriptors",
    descriptors: ["wpkh(tpubA/0/*)#abc", "tr(tpubB)"],
  });
  const lines = (count: number) => Array.from({ length: count }, () => "addr(x)").join("\n");
  expect(readEntry(lines(20)).kind).toBe("descriptors");
  expect(readEntry(lines(21))).toEqual({ kind: "problem", problem: "many" });
  expect(readEntry(`wpkh(${"0".repeat(3000)})`)).toEqual({ kind: "problem", problem: "long" });
});

test.each([
  ["bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"],
  ["2N3oefVeg6stiTb5Kh3ozCSkaqmx91FDbsm"],
  ["ab".repeat(32)],
])("%s is an address", (address) => {
  expect(readEntry(address)).toEqual({ kind: "address", address });
});

test.each([
  [`wpkh(xprv${"9".repeat(107)}/0/*)`],
  [`vprv${"9".repeat(107)}`],
  ["L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1"],
  ["pkh(cNJFgo1driFnPcBdBX8BrJrpxchBWXwXCvNH5SoSkdcF6JXXwHMm)"],
])("a private key goes no further", (text) => {
  expect(readEntry(text)).toEqual({ kind: "problem", problem: "private" });
});

test("nothing is nothing", () => {
  expect(readEntry(" \n ")).toEqual({ kind: "problem", problem: "empty" });
  expect(watchBodyOf(["a", "b"], 50)).toEqual({
    descriptors: [
      { descriptor: "a", gap: 50 },
      { descriptor: "b", gap: 50 },
    ],
  });
});
