import { describe, expect, test } from "vitest";
import { reversedBytes } from "../bytes/bytes.ts";
import { BlockHeader } from "../primitives/block.ts";
import { type BlockHash, parseDisplayHash } from "../primitives/types.ts";
import { scriptFlagNames } from "../script/flags.ts";
import { isActive, isActiveAt, scriptFlagsFor } from "./deployments.ts";
import { MAINNET, type Network, regtestNetwork, TESTNET3 } from "./networks.ts";
import { ALWAYS_ACTIVE } from "./params.ts";
import { fieldsOf, header, linkAt } from "./test-kit.ts";

const ALWAYS = ["P2SH", "WITNESS", "TAPROOT"];

function flagsAt(network: Network, height: number, hash?: string): string[] {
  const known = hash === undefined ? header() : new BlockHeader(fieldsOf(header()), parseDisplayHash<BlockHash>(hash)!);
  return scriptFlagNames(scriptFlagsFor({ header: known, height }, network.params));
}

describe("buried rules (BIP90)", () => {
  test("hold from their height on", () => {
    expect(isActiveAt("segwit", 481_823, MAINNET.params)).toBe(false);
    expect(isActiveAt("segwit", 481_824, MAINNET.params)).toBe(true);
    expect(isActive("segwit", linkAt(481_822), MAINNET.params)).toBe(false);
    expect(isActive("segwit", linkAt(481_823), MAINNET.params)).toBe(true);
    expect(isActive("segwit", undefined, regtestNetwork().params)).toBe(true);
    expect(isActive("csv", undefined, regtestNetwork().params)).toBe(false);
  });

  test("are asked like signalled ones", () => {
    const options = { versionBits: { testdummy: { startTime: ALWAYS_ACTIVE, timeout: 0, minActivationHeight: 0 } } };
    expect(isActive("testdummy", undefined, regtestNetwork(options).params)).toBe(true);
    expect(isActive("testdummy", undefined, regtestNetwork().params)).toBe(false);
  });
});

describe("script rules of a block", () => {
  test.each([
    [0, ALWAYS],
    [363_724, ALWAYS],
    [363_725, ["P2SH", "DERSIG", "WITNESS", "TAPROOT"]],
    [388_380, ["P2SH", "DERSIG", "WITNESS", "TAPROOT"]],
    [388_381, ["P2SH", "DERSIG", "CHECKLOCKTIMEVERIFY", "WITNESS", "TAPROOT"]],
    [419_328, ["P2SH", "DERSIG", "CHECKLOCKTIMEVERIFY", "CHECKSEQUENCEVERIFY", "WITNESS", "TAPROOT"]],
    [481_824, ["P2SH", "DERSIG", "NULLDUMMY", "CHECKLOCKTIMEVERIFY", "CHECKSEQUENCEVERIFY", "WITNESS", "TAPROOT"]],
  ])("at height %i of mainnet", (height, names) => {
    expect(flagsAt(MAINNET, height).toSorted()).toEqual(names.toSorted());
  });

  test("of the one block that broke BIP16", () => {
    const hash = "00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22";
    expect(flagsAt(MAINNET, 170_060, hash)).toEqual([]);
    expect(flagsAt(TESTNET3, 170_060, hash)).toEqual(ALWAYS);
    const testnet = "00000000dd30457c001f4095d208cc1296b0eed002427aa599874af7a432b105";
    expect(flagsAt(TESTNET3, 514, testnet)).toEqual([]);
  });

  test("of the one block that broke BIP341: the later rules hold", () => {
    const hash = "0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad";
    expect(flagsAt(MAINNET, 692_261, hash).toSorted()).toEqual(
      ["P2SH", "DERSIG", "NULLDUMMY", "CHECKLOCKTIMEVERIFY", "CHECKSEQUENCEVERIFY", "WITNESS"].toSorted(),
    );
    const backwards = reversedBytes(parseDisplayHash(hash)!);
    expect(
      scriptFlagNames(
        scriptFlagsFor(
          { header: new BlockHeader(fieldsOf(header()), backwards as BlockHash), height: 0 },
          MAINNET.params,
        ),
      ),
    ).toEqual(ALWAYS);
  });
});
