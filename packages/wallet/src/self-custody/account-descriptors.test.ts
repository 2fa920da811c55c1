import { MAINNET, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { describe, expect, test } from "vitest";
import { rootKeyIdsOf } from "../descriptors/descriptor-forms.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import {
  type AccountDescriptor,
  fingerprintsOf,
  phraseDescriptors,
  phraseSecrets,
  privatePhraseDescriptors,
} from "./account-descriptors.ts";
import { CustodyAccount } from "./custody-account.ts";
import { newAccount } from "./kept-account.ts";

const PHRASE = {
  words: "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
  passphrase: "",
};
const prefixes = MAINNET.addressPrefixes;

function addresses(descriptors: readonly AccountDescriptor[], id: number): readonly (string | undefined)[] {
  const account = new CustodyAccount(newAccount(descriptors), { signs: true }, { prefixes, secp256k1 });
  return [0, 1].map((index) => encodeAddress(account.scriptAt(id, index)!, prefixes));
}

describe("the accounts of a phrase", () => {
  test("have the addresses that BIP44, BIP49, BIP84 and BIP86 give for their words", () => {
    const descriptors = phraseDescriptors(PHRASE, 0, prefixes);
    expect(addresses(descriptors, 1)).toEqual([
      "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
      "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
    ]);
    expect(addresses(descriptors, 2)[0]).toBe("bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7");
    expect(addresses(descriptors, 3)).toEqual([
      "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
      "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
    ]);
    expect(addresses(descriptors, 4)[0]).toBe("bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el");
    expect(addresses(descriptors, 5)[0]).toBe("37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf");
    expect(addresses(descriptors, 7)[0]).toBe("1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA");
  });

  test("give addresses of taproot and segwit; older kinds are in doubt", () => {
    const descriptors = phraseDescriptors(PHRASE, 3, prefixes);
    expect(descriptors.map(({ activeFor, doubt }) => activeFor?.addressType ?? doubt)).toEqual([
      ...["bech32m", "bech32m", "bech32", "bech32"],
      ...["old", "old", "old", "old"],
    ]);
    expect(descriptors[0]!.text).toMatch(/^tr\(\[73c5da0a\/86h\/0h\/3h\]xpub/);
    expect([...fingerprintsOf(descriptors)]).toEqual(["73c5da0a"]);
  });

  test("differ by account, network and what was said beside the words", () => {
    const texts = [
      phraseDescriptors(PHRASE, 0, prefixes),
      phraseDescriptors(PHRASE, 1, prefixes),
      phraseDescriptors({ ...PHRASE, passphrase: "x" }, 0, prefixes),
      phraseDescriptors(PHRASE, 0, regtestNetwork().addressPrefixes),
    ].map(([first]) => first!.text);
    expect(new Set(texts).size).toBe(4);
  });

  test("are signed with keys that are theirs, which can be wiped", () => {
    const secrets = phraseSecrets(PHRASE, 2, { prefixes, secp256k1 });
    const names = phraseDescriptors(PHRASE, 2, prefixes).flatMap(({ text }) => {
      const parsed = parseDescriptor(text, { prefixes, secp256k1 });
      if ("error" in parsed) throw new Error(parsed.error);
      return rootKeyIdsOf(parsed.descriptors[0]);
    });
    expect(new Set(secrets.privateKeys.keys())).toEqual(new Set(names));
    const keys = [...secrets.privateKeys.values()].map(({ privateKey }) => privateKey);
    secrets.wipe();
    expect(secrets.privateKeys.size).toBe(0);
    for (const key of keys) expect(key).toEqual(new Uint8Array(32));
  });

  test("with private keys stand for the same addresses", () => {
    const descriptors = phraseDescriptors(PHRASE, 0, prefixes).slice(2, 4);
    const [external] = privatePhraseDescriptors(PHRASE, 0, descriptors, prefixes);
    const parsed = parseDescriptor(external!, { prefixes, secp256k1 });
    if ("error" in parsed) throw new Error(parsed.error);
    expect(parsed.secrets.privateKeys.size).toBe(1);
    expect(external).toMatch(/^wpkh\(xprv.*\/84h\/0h\/0h\/0\/\*\)#/);
  });
});
