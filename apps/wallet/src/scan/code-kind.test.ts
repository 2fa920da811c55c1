import { describe, expect, test } from "vitest";
import { type CodeKind, kindOf } from "./code-kind.ts";

const textKind = (text: string) => kindOf({ kind: "text", text });

const WORDS = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const XPUB =
  "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudhUd9yLb6qx39T9nMdj";
const XPRV =
  "xprv9xpXFhFpqdQK3TmytPBqXtGSwS3DLjojFhTGht8gwAAii8py5X6pxeBnQ6ehJiyJ6nDjWGJfZ95WxByFXVkDxHXrqu53WCRGypk2ttuqncb";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

describe("what must not be shown is known", () => {
  test.each([
    ["twelve words", WORDS],
    ["in capitals", WORDS.toUpperCase()],
    ["in lines", WORDS.replaceAll(" ", "\n")],
    [
      "with their numbers",
      WORDS.split(" ")
        .map((word, place) => `${place + 1}. ${word}`)
        .join("\n"),
    ],
    ["with a slip", WORDS.replace("about", "abuot")],
    ["in JSON", JSON.stringify({ mnemonic: WORDS })],
    ["of the Spanish list", "ábaco abdomen abeja abierto abogado abono aborto abrazo abrir abuelo abuso acabar"],
    ["of twenty-four", `${WORDS} ${WORDS}`],
    ["as digits (SeedQR)", `${"0000".repeat(11)}0003`],
    ["as more digits", "0123".repeat(24)],
  ])("a phrase: %s", (_name, text) => {
    expect(textKind(text)).toBe<CodeKind>("phrase");
  });

  test.each([16, 20, 24, 28, 32])("a phrase as %i bytes (CompactSeedQR)", (size) => {
    expect(kindOf({ kind: "bytes", size })).toBe<CodeKind>("phrase");
  });

  test.each([
    ["WIF", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"],
    ["WIF of a compressed key", "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617"],
    ["WIF of a test network", "cMzLdeGd5vEqxB8B6VFQoRopQ3sLAAvEzDAoQgvX54xwofSWj1fx"],
    ["xprv", XPRV],
    ["a descriptor", `wpkh([d34db33f/84h/0h/0h]${XPRV}/0/*)`],
    ["encrypted (BIP38)", "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg"],
    ["of a coin", "S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy"],
    ["codex32", "ms10testsxxxxxxxxxxxxxxxxxxxxxxxxxx4nzvca9cmczlw"],
    ["a seed as UR", "ur:crypto-seed/oeadgdstaslplabghydrpfmkbggufgludprfgmaotpiecffltnlpqdenos"],
    ["shares as UR", "UR:CRYPTO-SSKR/GOMEKOAEADAEAXAEAELFLSREOLPSDSBK"],
  ])("a private key: %s", (_name, text) => {
    expect(textKind(text)).toBe<CodeKind>("private-key");
  });
});

test.each<[string, CodeKind]>([
  [ADDRESS, "address"],
  [ADDRESS.toUpperCase(), "address"],
  ["1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "address"],
  ["lightning:lnbc20m1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqf", "address"],
  [`bitcoin:${ADDRESS}`, "payment"],
  [`BITCOIN:${ADDRESS.toUpperCase()}?AMOUNT=1`, "payment"],
  [`bitcoin:${ADDRESS}?message=${WORDS.replaceAll(" ", "%20")}`, "payment"],
  [XPUB, "watched"],
  [`[d34db33f/84'/0'/0']${XPUB}`, "watched"],
  [`wsh(sortedmulti(2,[d34db33f/48h/0h/0h/2h]${XPUB}/<0;1>/*,${XPUB}/<0;1>/*))#ab12cd34`, "watched"],
  [`wpkh(${XPUB}/0/*)\nwpkh(${XPUB}/1/*)`, "watched"],
  [`# Coldcard (setup)\nName: Us\nPolicy: 1 of 2\nFormat: P2WSH\n\nD34DB33F: ${XPUB}`, "watched"],
  ["cHNidP8BAHUCAAAAASaBcTce3/KF6Tet7qSze3gADAVmy7OtZGQXE8pCFxv2AAAAAAD+////", "psbt"],
  ["70736274FF0100750200000001268171371EDFF285E937ADEEA4B37B78000C0566CBB3AD64641713CA42171BF6", "psbt"],
  [`0200000001${"ab".repeat(60)}`, "transaction"],
  [`0200000001${"ab".repeat(20)}`, "address"],
  ["B$2P0100PBZG4QYAAA", "part"],
  ["UR:CRYPTO-PSBT/1-3/LPADAXCFAOCYTPBZLFFDHDKB", "part"],
  ["p1of4 cHNidP8BAHUC", "part"],
  ["https://example.org/pay?to=me", "other"],
  ["a shopping list: milk, bread, and two onions of the large kind for the soup", "other"],
  ["", "other"],
])("%j is of the kind %s", (text, kind) => {
  expect(textKind(text)).toBe(kind);
});
