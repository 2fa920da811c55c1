import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { mainNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { describeVectors } from "@bitfleet/protocol/script/test-kit.ts";
import { describe, expect, test } from "vitest";
import { masterKeyOf } from "./accounts.ts";
import {
  ENTROPY_SIZES,
  isMnemonicWord,
  mnemonicFaultText,
  mnemonicOf,
  mnemonicWordsFrom,
  parseMnemonic,
  seedOfMnemonic,
} from "./mnemonic.ts";

const { addressPrefixes: MAIN } = mainNetwork();

type Vector = readonly [entropy: string, mnemonic: string, passphrase: string, seed: string, master: string];

describeVectors<readonly Vector[]>(
  "bips/bip39-english.json",
  (vectors) => `bips/bip39-english.json, ${vectors.length} mnemonics`,
  (vectors) => {
    test.each(vectors)("%s", (entropy, mnemonic, passphrase, seed, master) => {
      expect(mnemonicOf(fromHex(entropy))).toBe(mnemonic);
      const parsed = parseMnemonic(mnemonic);
      expect(parsed).toEqual({ mnemonic, entropy: fromHex(entropy) });
      const own = seedOfMnemonic(mnemonic, passphrase);
      expect(toHex(own)).toBe(seed);
      expect(masterKeyOf(own, MAIN)).toBe(master);
    });
  },
);

describe("mnemonics (BIP39)", () => {
  const ABOUT = `${"abandon ".repeat(11)}about`;

  test("have 12 to 24 words, by the entropy", () => {
    for (const size of ENTROPY_SIZES) {
      const entropy = Uint8Array.from({ length: size }, (_, index) => index * 7);
      const mnemonic = mnemonicOf(entropy);
      expect(mnemonic.split(" ")).toHaveLength((size * 3) / 4);
      expect(parseMnemonic(mnemonic)).toEqual({ mnemonic, entropy });
    }
    for (const size of [0, 12, 15, 17, 33, 36]) expect(() => mnemonicOf(new Uint8Array(size))).toThrow(RangeError);
  });

  test("are read in any case and with any spaces between", () => {
    expect(parseMnemonic(`  ${ABOUT.toUpperCase().replaceAll(" ", "\n\u3000")} `)).toHaveProperty("mnemonic", ABOUT);
  });

  test("tell what is wrong with them, and no word of theirs", () => {
    const faultOf = (text: string) => {
      const parsed = parseMnemonic(text);
      if (!("fault" in parsed)) throw new Error("it is a mnemonic");
      expect(mnemonicFaultText(parsed.fault)).not.toMatch(/abandon|about|abuot/);
      return parsed.fault;
    };
    expect(faultOf("")).toEqual({ kind: "word-count", count: 0 });
    expect(faultOf("abandon ".repeat(11))).toEqual({ kind: "word-count", count: 11 });
    expect(faultOf("abandon ".repeat(13))).toEqual({ kind: "word-count", count: 13 });
    expect(faultOf(`abuot ${"abandon ".repeat(11)}`)).toEqual({ kind: "unknown-word", place: 1 });
    expect(faultOf(`${"abandon ".repeat(11)}abuot`)).toEqual({ kind: "unknown-word", place: 12 });
    expect(faultOf("abandon ".repeat(12))).toEqual({ kind: "checksum" });
    expect(faultOf(`about ${"abandon ".repeat(11)}`)).toEqual({ kind: "checksum" });
    expect(mnemonicFaultText({ kind: "unknown-word", place: 12 })).toMatch(/Word 12/);
    expect(mnemonicFaultText({ kind: "word-count", count: 13 })).toBe(
      "A recovery phrase has 12, 15, 18, 21 or 24 words, not 13.",
    );
  });

  test("another passphrase is another seed, and the same one however its letters are composed", () => {
    expect(seedOfMnemonic(ABOUT, "a")).not.toEqual(seedOfMnemonic(ABOUT));
    expect(seedOfMnemonic(ABOUT, "\u00e9")).toEqual(seedOfMnemonic(ABOUT, "e\u0301"));
  });

  test("have words that are completed while they are typed", () => {
    expect(mnemonicWordsFrom("zo", 6)).toEqual(["zone", "zoo"]);
    expect(mnemonicWordsFrom("ABAND", 6)).toEqual(["abandon"]);
    expect(mnemonicWordsFrom("", 3)).toEqual(["abandon", "ability", "able"]);
    expect(mnemonicWordsFrom("zz", 6)).toEqual([]);
    expect([isMnemonicWord("zoo"), isMnemonicWord("Zoo"), isMnemonicWord("zo"), isMnemonicWord("")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
