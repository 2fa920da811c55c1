import { FAUCET_SATS_MAX, FAUCET_SATS_MIN } from "@bitfleet/api/faucet-limits.ts";
import { MAINNET, regtestNetwork, signetNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { payToPublicKeyHash, payToScriptHash, payToWitnessProgram } from "@bitfleet/protocol/script/templates.ts";
import { describe, expect, test } from "vitest";
import { addressProblem, readAmount } from "./entries.ts";

const REGTEST = regtestNetwork();
const SIGNET = signetNetwork();
const SCRIPTS = [
  payToPublicKeyHash(new Uint8Array(20).fill(7)),
  payToScriptHash(new Uint8Array(20).fill(7)),
  payToWitnessProgram(0, new Uint8Array(20).fill(7)),
  payToWitnessProgram(0, new Uint8Array(32).fill(7)),
  payToWitnessProgram(1, new Uint8Array(32).fill(7)),
  payToWitnessProgram(16, new Uint8Array(40).fill(255)),
];
const SEGWIT = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const BEGINNING = "Those of regtest begin with bcrt1, m, n or 2.";

describe("an address", () => {
  test.each([REGTEST, SIGNET])("of the chain is taken, whatever it pays to: $name", ({ name, addressPrefixes }) => {
    for (const script of SCRIPTS) {
      const address = encodeAddress(script, addressPrefixes)!;
      expect(addressProblem(address, name), address).toBeUndefined();
    }
    for (let fill = 0; fill < 256; fill++) {
      for (const script of [payToPublicKeyHash, payToScriptHash].map((pay) => pay(new Uint8Array(20).fill(fill)))) {
        const address = encodeAddress(script, addressPrefixes)!;
        expect(addressProblem(address, name), address).toBeUndefined();
      }
    }
  });

  test("in capitals, as QR codes have it, is taken", () => {
    expect(addressProblem(SEGWIT.toUpperCase(), "regtest")).toBeUndefined();
  });

  test.each(SCRIPTS)("of another network is called so (%#)", (script) => {
    const address = encodeAddress(script, MAINNET.addressPrefixes)!;
    expect(addressProblem(address, "regtest")).toBe(`This is an address of mainnet. ${BEGINNING}`);
    const ofSignet = encodeAddress(script, SIGNET.addressPrefixes)!;
    // Base 58 is the same on all test networks.
    expect(addressProblem(ofSignet, "regtest")).toBe(
      ofSignet.startsWith("tb1") ? `This is an address of signet and the test networks. ${BEGINNING}` : undefined,
    );
  });

  test("with a wrong character or two says which, as the checksum tells", () => {
    const one = SEGWIT.replace("w508", "w509");
    expect(addressProblem(one, "regtest")).toBe("Character 10 of the address is wrong.");
    const two = one.replace("kygt080", "kygt081");
    expect(two).toHaveLength(SEGWIT.length);
    expect(addressProblem(two.replace("081", "08p"), "regtest")).toBe("Characters 10 and 44 of the address are wrong.");
  });

  test.each([
    ["", "Enter the address that the coins go to."],
    ["nowhere", `This is no address. ${BEGINNING}`],
    [SEGWIT.slice(0, -3), "The address has a typing error, or a part of it is missing."],
    [SEGWIT.replace("w508", "W508"), "Character 7 of the address is wrong."],
    [`bcrt1${"q".repeat(100)}`, "The address is too long."],
    ["mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRf0", `This is no address. ${BEGINNING}`],
    ["lightning:lnbcrt1", `This is no address. ${BEGINNING}`],
  ])("%j: %s", (text, problem) => {
    expect("error" in decodeAddress(text, REGTEST.addressPrefixes)).toBe(true);
    expect(addressProblem(text, "regtest")).toBe(problem);
  });
});

describe("an amount", () => {
  test.each([
    ["1", 100_000_000],
    ["0.5", 50_000_000],
    [".5", 50_000_000],
    ["5.", 500_000_000],
    ["007", 700_000_000],
    ["0.00001", 1_000],
    ["0.123456780000", 12_345_678],
    ["1000", 100_000_000_000],
    ["1000.00000000", 100_000_000_000],
  ])("%s BTC are %d satoshis", (text, sats) => {
    expect(readAmount(text)).toEqual({ sats });
  });

  test.each([
    ["", "Enter an amount."],
    ["a lot", "Enter the amount in digits, with a point before the fraction: 0.5"],
    ["1,5", "Enter the amount in digits, with a point before the fraction: 0.5"],
    ["-1", "Enter the amount in digits, with a point before the fraction: 0.5"],
    ["1e3", "Enter the amount in digits, with a point before the fraction: 0.5"],
    [".", "Enter the amount in digits, with a point before the fraction: 0.5"],
    ["0.123456789", "Nothing is smaller than 0.00000001 BTC."],
    ["0", "The faucet gives 0.00001 BTC at least."],
    ["0.00000999", "The faucet gives 0.00001 BTC at least."],
    ["1000.00000001", "The faucet gives 1,000 BTC at most."],
    ["99999999999999999999", "The faucet gives 1,000 BTC at most."],
  ])("%j: %s", (text, problem) => {
    expect(readAmount(text)).toEqual({ problem });
  });

  test("the sentences say the limits that there are", () => {
    expect([FAUCET_SATS_MIN, FAUCET_SATS_MAX]).toEqual([100_000_000 / 100_000, 100_000_000 * 1_000]);
  });
});
