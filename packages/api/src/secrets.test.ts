import { describe, expect, test } from "vitest";
import { HIDDEN, holdsExtendedPrivateKey, holdsSecret, withoutSecrets } from "./secrets.ts";

/** BIP32's first vector, and a public key that has the letters of a private one's prefix in it: of the master key of the seed 8102 (32 bytes). */
const PRIVATE =
  "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi";
const PUBLIC =
  "tpubD6NzVbkrYhZ4YrwgghGQyr2vZhVktoBWmPtknrud38DAyRWi5ZsvprvKEbGjNQTmebHCZAtW5oX9wzVquUmjCCLiDiTDsRgBqThUA1qfroW";

describe("an extended private key", () => {
  test.each([
    ["by itself", PRIVATE],
    ["in a descriptor", `wpkh([d34db33f/84h/0h/0h]${PRIVATE}/0/*)`],
    ["beside a public one", `wsh(multi(1,${PUBLIC}/0/*,${PRIVATE}/0/*))`],
    ["behind an escaped line", JSON.stringify(`a\n${PRIVATE}`)],
    ["behind a letter", `a${PRIVATE}`],
    ["right behind a public one", PUBLIC + PRIVATE],
    ["cut short", PRIVATE.slice(0, 30)],
    ["of another prefix", PRIVATE.replace("xprv", "Zprv")],
  ])("is known %s", (_name, text) => {
    expect([holdsExtendedPrivateKey(text), holdsSecret(text)]).toEqual([true, true]);
    expect(withoutSecrets(text)).toContain(HIDDEN);
    expect(withoutSecrets(text)).not.toContain(PRIVATE.slice(4, 30));
  });

  test.each([
    ["by itself", PUBLIC],
    ["with origin and steps", `tr([d34db33f/86h/1h/0h]${PUBLIC}/<0;1>/*)#abcdefgh`],
    ["at the end of an address", `http://127.0.0.1:8080/address/${PUBLIC}`],
  ])("is not seen in a public one that has its letters, %s", (_name, text) => {
    expect(PUBLIC).toMatch(/[a-z]prv/);
    expect([holdsExtendedPrivateKey(text), holdsSecret(text)]).toEqual([false, false]);
    expect(withoutSecrets(text)).toBe(text);
  });
});
