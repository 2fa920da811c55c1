import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { mainNetwork, type Network, regtestNetwork, testnet4Network } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { describe, expect, test } from "vitest";
import { expandDescriptor } from "../descriptors/descriptor.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import {
  type AccountPurpose,
  accountDescriptors,
  accountKeyOf,
  accountPath,
  coinTypeOf,
  masterKeyOf,
  multisigAccountPath,
  multisigDescriptors,
  privateAccountDescriptors,
} from "./accounts.ts";
import { formatKeyPath } from "./keys.ts";
import { seedOfMnemonic } from "./mnemonic.ts";
import { readSlip132 } from "./slip132.ts";

const MAIN = mainNetwork();
const TEST = testnet4Network();
const REGTEST = regtestNetwork();
/** Of the vectors of BIP49, BIP84 and BIP86. */
const SEED = seedOfMnemonic(`${"abandon ".repeat(11)}about`);

const masterOf = (network: Network) => masterKeyOf(SEED, network.addressPrefixes);

function descriptorsOf(network: Network, purpose: AccountPurpose, master = masterOf(network)) {
  const prefixes = network.addressPrefixes;
  const found = accountDescriptors({ master }, { purpose, coinType: coinTypeOf(prefixes), account: 0 }, prefixes);
  if ("error" in found) throw new Error(found.error);
  return found;
}

function addressAt(text: string, index: number, network: Network): string | undefined {
  const context = { prefixes: network.addressPrefixes, secp256k1: portableSecp256k1 };
  const parsed = parseDescriptor(text, context, true);
  if ("error" in parsed) throw new Error(parsed.error);
  const { secrets, descriptors } = parsed;
  const expansion = expandDescriptor(descriptors[0], index, { ...context, secrets });
  return encodeAddress(expansion!.scripts[0]!, network.addressPrefixes);
}

describe("accounts", () => {
  test.each([
    ["BIP44", MAIN, 44, "external", 0, "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"],
    ["BIP49", TEST, 49, "external", 0, "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2"],
    ["BIP84", MAIN, 84, "external", 0, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"],
    ["BIP84", MAIN, 84, "external", 1, "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"],
    ["BIP84", MAIN, 84, "internal", 0, "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"],
    ["BIP86", MAIN, 86, "external", 0, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"],
    ["BIP86", MAIN, 86, "external", 1, "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh"],
    ["BIP86", MAIN, 86, "internal", 0, "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7"],
  ] as const)("%s: address of %s", (_, network, purpose, chain, index, address) => {
    expect(addressAt(descriptorsOf(network, purpose)[chain], index, network)).toBe(address);
    const coinType = coinTypeOf(network.addressPrefixes);
    const own = privateAccountDescriptors(masterOf(network), { purpose, coinType, account: 0 });
    expect(addressAt(own[chain], index, network)).toBe(address);
  });

  test("BIP86: the master and account keys of the vectors", () => {
    expect(masterOf(MAIN)).toBe(
      "xprv9s21ZrQH143K3GJpoapnV8SFfukcVBSfeCficPSGfubmSFDxo1kuHnLisriDvSnRRuL2Qrg5ggqHKNVpxR86QEC8w35uxmGoggxtQTPvfUu",
    );
    expect(descriptorsOf(MAIN, 86).external).toContain(
      "tr([73c5da0a/86h/0h/0h]xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ/0/*)#",
    );
  });

  test("say path, coin type and chain as Core's wallets do", () => {
    const forms = ([44, 49, 84, 86] as const).map((purpose) => descriptorsOf(REGTEST, purpose).internal);
    const shapes = forms.map((text) => text.replace(/tpub\w+/, "K").replace(/#\w{8}$/, ""));
    expect(shapes).toEqual([
      "pkh([73c5da0a/44h/1h/0h]K/1/*)",
      "sh(wpkh([73c5da0a/49h/1h/0h]K/1/*))",
      "wpkh([73c5da0a/84h/1h/0h]K/1/*)",
      "tr([73c5da0a/86h/1h/0h]K/1/*)",
    ]);
    expect(coinTypeOf(MAIN.addressPrefixes)).toBe(0);
    expect(formatKeyPath(accountPath(84, 0, 7))).toBe("/84h/0h/7h");
    expect(formatKeyPath(multisigAccountPath("sh-wsh", 1, 0))).toBe("/48h/1h/0h/1h");
    expect(formatKeyPath(multisigAccountPath("wsh", 1, 0))).toBe("/48h/1h/0h/2h");
  });

  test("of a public account key, with an origin or none", () => {
    const prefixes = MAIN.addressPrefixes;
    const options = { purpose: 84, coinType: 0, account: 0 } as const;
    const own = descriptorsOf(MAIN, 84);
    const [, key = ""] = /](xpub\w+)/.exec(own.external)!;
    const origin = { fingerprint: fromHex("73c5da0a"), path: accountPath(84, 0, 0) };
    expect(accountDescriptors({ key, origin }, options, prefixes)).toEqual(own);
    const bare = accountDescriptors({ key }, options, prefixes);
    expect(bare).toHaveProperty("external", expect.stringMatching(/^wpkh\(xpub\w+\/0\/\*\)#/));
  });

  test("of several people (BIP48), whose keys may come in any order", () => {
    const prefixes = REGTEST.addressPrefixes;
    const keys = [SEED, SEED.slice(0, 32)].map((seed) => {
      const key = accountKeyOf({ master: masterKeyOf(seed, prefixes) }, multisigAccountPath("wsh", 1, 0), prefixes);
      if ("error" in key) throw new Error(key.error);
      return key;
    });
    const ours = multisigDescriptors(2, keys, "wsh");
    expect(ours.external).toMatch(/^wsh\(sortedmulti\(2,\[73c5da0a\/48h\/1h\/0h\/2h\]tpub\w+\/0\/\*,\[/);
    const theirs = multisigDescriptors(2, keys.toReversed(), "wsh");
    expect(addressAt(theirs.external, 3, REGTEST)).toBe(addressAt(ours.external, 3, REGTEST));
    expect(addressAt(multisigDescriptors(2, keys, "sh-wsh").internal, 0, REGTEST)).toMatch(/^2/);
  });

  test("refuse what is no master key of the network", () => {
    const prefixes = REGTEST.addressPrefixes;
    const options = { purpose: 84, coinType: 1, account: 0 } as const;
    const errorOf = (master: string) => accountDescriptors({ master }, options, prefixes);
    expect(errorOf(masterOf(MAIN))).toEqual({ error: "The key is no extended key of this network." });
    expect(errorOf("tprv")).toEqual({ error: "The key is no extended key of this network." });
    const [, account = ""] = /](tpub\w+)/.exec(descriptorsOf(REGTEST, 84).external)!;
    expect(errorOf(account)).toHaveProperty("error", expect.stringMatching(/is public/));
  });
});

describe("extended keys with other prefixes (SLIP132)", () => {
  const ZPRV =
    "zprvAWgYBBk7JR8Gjrh4UJQ2uJdG1r3WNRRfURiABBE3RvMXYSrRJL62XuezvGdPvG6GFBZduosCc1YP5wixPox7zhZLfiUm8aunE96BBa4Kei5";
  const ZPUB =
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs";
  const UPRV =
    "uprv8tXDerPXZ1QsVNjUJWTurs9kA1KGfKUAts74GCkcXtU8GwnH33GDRbNJpEqTvipfCyycARtQJhmdfWf8oKt41X9LL1zeD2pLsWmxEk3VAwd";
  const UPUB =
    "upub5EFU65HtV5TeiSHmZZm7FUffBGy8UKeqp7vw43jYbvZPpoVsgU93oac7Wk3u6moKegAEWtGNF8DehrnHtv21XXEMYRUocHqguyjknFHYfgY";

  test("BIP84 and BIP49: keys of the vectors are ours", () => {
    expect(readSlip132(ZPRV)).toEqual({ text: masterOf(MAIN), isPrivate: true, isMainnet: true, script: "wpkh" });
    expect(readSlip132(UPRV)).toEqual({ text: masterOf(TEST), isPrivate: true, isMainnet: false, script: "sh-wpkh" });
    const options = { purpose: 84, coinType: 0, account: 0 } as const;
    const { addressPrefixes } = MAIN;
    expect(descriptorsOf(MAIN, 84, ZPRV)).toEqual(descriptorsOf(MAIN, 84));
    const ofPublic = accountDescriptors({ key: ZPUB }, options, addressPrefixes) as { external: string };
    expect(addressAt(ofPublic.external, 0, MAIN)).toBe("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
    const nested = accountDescriptors({ key: UPUB }, { ...options, purpose: 49 }, TEST.addressPrefixes);
    expect(addressAt((nested as { external: string }).external, 0, TEST)).toBe("2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2");
  });

  test("plain ones stay, and what is none is none", () => {
    const text = masterOf(REGTEST);
    expect(readSlip132(text)).toEqual({ text, isPrivate: true, isMainnet: false, script: "pkh" });
    for (const other of ["", "xpub", ZPUB.slice(1), ZPUB.replace("A", "B"), "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"]) {
      expect(readSlip132(other)).toBeUndefined();
    }
  });
});
