import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { phraseDescriptors, phraseSecrets } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import { describe, expect, test } from "vitest";
import type { MessageFormat } from "./account.ts";
import { checkedMessage, signedMessage } from "./account-messages.ts";

const context = { prefixes: networkByName("regtest")!.addressPrefixes, secp256k1: nobleSecp256k1 };
const phrase = {
  words: "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
  passphrase: "",
};
const custody = new CustodyAccount(
  newAccount(phraseDescriptors(phrase, 0, context.prefixes)),
  { signs: true },
  context,
);
/** The first one of each kind, by its descriptor. */
const [taproot, segwit, nested, legacy] = [1, 3, 5, 7].map(
  (id) => encodeAddress(custody.scriptAt(id, 0)!, context.prefixes)!,
) as [string, string, string, string];
const MESSAGE = "To the tea house: rent of November is paid.";

const sign = (address: string, format: MessageFormat) =>
  signedMessage({ address, message: MESSAGE, format }, custody, phraseSecrets(phrase, 0, context));
const check = (address: string, signature: string, message = MESSAGE) =>
  checkedMessage(address, message, signature, custody);

describe("a message that is signed is verified, and the form told:", () => {
  test.each<[string, string, MessageFormat, RegExp]>([
    ["taproot", taproot, "bip322", /signed this message, as BIP322 has it\.$/],
    ["segwit", segwit, "bip322", /as BIP322 has it\.$/],
    ["segwit", segwit, "bip137", /as BIP137 has it\.$/],
    ["nested segwit", nested, "bip322", /as BIP322 has it\.$/],
    ["nested segwit", nested, "bip137", /as BIP137 has it\.$/],
    ["the oldest kind", legacy, "bip322", /as BIP322 has it\.$/],
    ["the oldest kind", legacy, "legacy", /in the old form, which nodes verify too\.$/],
  ])("%s", (_name, address, format, why) => {
    const signature = sign(address, format);
    expect(check(address, signature)).toEqual({ isValid: true, why: expect.stringMatching(why) });
    expect(check(address, ` ${signature.slice(0, 40)}\n${signature.slice(40)}`).isValid).toBe(true);
    expect(check(address, signature, `${MESSAGE}!`)).toMatchObject({
      isValid: false,
      why: expect.stringContaining("did not sign this message, or the message was changed"),
    });
  });
});

test("a signature with the oldest kind's first byte is told as what others make for segwit addresses", () => {
  const bytes = Uint8Array.from(atob(sign(segwit, "bip137")), (character) => character.charCodeAt(0));
  bytes[0]! -= 8;
  const signature = btoa(String.fromCharCode(...bytes));
  expect(check(segwit, signature)).toEqual({
    isValid: true,
    why: "The owner of this address signed this message, as Electrum and Trezor sign for segwit addresses.",
  });
});

test.each([
  [taproot, "bip137"],
  [taproot, "legacy"],
  [segwit, "legacy"],
  [legacy, "bip137"],
] as const)("%s signs nothing in the form %s", (address, format) => {
  expect(() => sign(address, format)).toThrow("Addresses of this kind do not sign in this form.");
});

test("a signature for another kind of address is told as that", () => {
  const kinds = (address: string, signature: string) => check(address, signature).why;
  expect(kinds(nested, sign(segwit, "bip137"))).toContain(
    "is for a segwit address (P2WPKH), which this address is not",
  );
  expect(kinds(segwit, sign(nested, "bip137"))).toContain("is for a segwit address in the older form (P2SH)");
  expect(kinds(legacy, sign(nested, "bip137"))).toContain("is for a segwit address in the older form (P2SH)");
  expect(kinds(taproot, sign(segwit, "bip137"))).toContain("one of taproot or of several keys signs as BIP322");
});
