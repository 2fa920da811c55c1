import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../bytes/bytes.ts";
import { decodeBlock } from "../primitives/block.ts";
import { displayHash } from "../primitives/types.ts";
import {
  MAINNET,
  NETWORK_NAMES,
  type Network,
  networkByName,
  networkNameByMagic,
  regtestNetwork,
  signetNetwork,
  TESTNET3,
  TESTNET4,
} from "./networks.ts";
import { NEVER_ACTIVE } from "./params.ts";
import { checkProofOfWork } from "./pow.ts";

const SIGNET = signetNetwork();
const REGTEST = regtestNetwork();

describe("genesis blocks", () => {
  const satoshiRoot = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
  const cases: [Network, string, string][] = [
    [MAINNET, "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", satoshiRoot],
    [TESTNET3, "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943", satoshiRoot],
    [
      TESTNET4,
      "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043",
      "7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e",
    ],
    [SIGNET, "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6", satoshiRoot],
    [REGTEST, "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", satoshiRoot],
  ];

  test.each(cases)("of %o", (network, hash, root) => {
    const { genesis } = network.params;
    expect(displayHash(genesis.hash)).toBe(hash);
    expect(displayHash(genesis.header.merkleRoot)).toBe(root);
    expect(displayHash(genesis.transactions[0]!.txid)).toBe(root);
    expect(checkProofOfWork(genesis.hash, genesis.header.bits, network.params)).toBe(true);
    expect(displayHash(decodeBlock(genesis.bytes).hash)).toBe(hash);
  });

  test("carry the words of their day", () => {
    const text = (network: Network) =>
      new TextDecoder().decode(network.params.genesis.transactions[0]!.inputs[0]!.scriptSig);
    expect(text(MAINNET)).toContain("Chancellor on brink of second bailout for banks");
    expect(text(TESTNET4)).toContain("03/May/2024 000000000000000000001ebd58c244970b3aa9d783bb001011fbe8ea8e98e00e");
  });
});

describe("networks", () => {
  test("are found by the names of -chain", () => {
    expect(NETWORK_NAMES.map((name) => networkByName(name)?.name)).toEqual([...NETWORK_NAMES]);
    expect(networkByName("testnet3")).toBeUndefined();
    expect(networkByName("toString")).toBeUndefined();
  });

  test("are told apart by their magic", () => {
    const magics = NETWORK_NAMES.map((name) => toHex(networkByName(name)!.magic));
    expect(magics).toEqual(["f9beb4d9", "0b110907", "1c163f28", "0a03cf40", "fabfb5da"]);
    expect(NETWORK_NAMES.map((name) => networkNameByMagic(networkByName(name)!.magic))).toEqual([...NETWORK_NAMES]);
    expect(networkNameByMagic(fromHex("00000000"))).toBeUndefined();
  });

  test("have Core's ports and folders", () => {
    const facts = NETWORK_NAMES.map((name) => networkByName(name)!).map((network) => [
      network.p2pPort,
      network.rpcPort,
      network.onionPort,
      network.dataFolder,
      network.addressPrefixes.bech32,
    ]);
    expect(facts).toEqual([
      [8333, 8332, 8334, "", "bc"],
      [18333, 18332, 18334, "testnet3", "tb"],
      [48333, 48332, 48334, "testnet4", "tb"],
      [38333, 38332, 38334, "signet", "tb"],
      [18444, 18443, 18445, "regtest", "bcrt"],
    ]);
  });

  test("know the chain that is assumed valid, none on regtest", () => {
    expect(displayHash(MAINNET.params.assumeValid!)).toBe(
      "00000000000000000000ccebd6d74d9194d8dcdc1d177c478e094bfad51ba5ac",
    );
    expect(MAINNET.params.minimumChainwork).toBe(
      BigInt("0x0000000000000000000000000000000000000001128750f82f4c366153a3a030"),
    );
    expect(TESTNET3.params.minimumChainwork).toBe(
      BigInt("0x0000000000000000000000000000000000000000000017dde1c649f3708d14b6"),
    );
    expect(TESTNET4.params.minimumChainwork).toBe(
      BigInt("0x0000000000000000000000000000000000000000000009a0fe15d0177d086304"),
    );
    expect(SIGNET.params.minimumChainwork).toBe(
      BigInt("0x00000000000000000000000000000000000000000000000000000b463ea0a4b8"),
    );
    expect(REGTEST.params.assumeValid).toBeUndefined();
    expect(REGTEST.params.minimumChainwork).toBe(0n);
  });

  test("share no snapshot hash, and order snapshots by height", () => {
    for (const name of NETWORK_NAMES) {
      const heights = networkByName(name)!.assumeUtxo.map((snapshot) => snapshot.height);
      expect(heights).toEqual(heights.toSorted((a, b) => a - b));
    }
    expect(displayHash(REGTEST.assumeUtxo[0]!.blockHash)).toBe(
      "135eec25a6fb277884e5824e7aa7d052c4868161c99a5122170b5266f86c273d",
    );
    expect(displayHash(MAINNET.assumeUtxo[3]!.coinsHash)).toBe(
      "e4b90ef9eae834f56c4b64d2d50143cee10ad87994c614d7d04125e2a6025050",
    );
  });
});

describe("custom signet (BIP325)", () => {
  test("takes its magic from the challenge and nothing from the public network", () => {
    // OP_TRUE: the network that anybody may extend.
    const network = signetNetwork({ challenge: fromHex("51") });
    expect(toHex(network.magic)).toBe("54d26fbd");
    expect(network.dnsSeeds).toEqual([]);
    expect(network.params.minimumChainwork).toBe(0n);
    expect(network.params.assumeValid).toBeUndefined();
    expect(network.params.genesis.hash).toEqual(SIGNET.params.genesis.hash);
    expect(networkNameByMagic(network.magic)).toBeUndefined();
  });

  test("takes the operator's seed nodes", () => {
    expect(signetNetwork({ seedNodes: ["sig.net:1234"] }).dnsSeeds).toEqual(["sig.net:1234"]);
  });
});

describe("test options", () => {
  test("move buried rules and version bits", () => {
    const network = regtestNetwork({
      activationHeights: { segwit: 200, cltv: 7 },
      versionBits: { testdummy: { startTime: 5, timeout: 9, minActivationHeight: 432 } },
    });
    expect(network.params.activationHeights).toEqual({ bip34: 1, dersig: 1, cltv: 7, csv: 1, segwit: 200 });
    expect(network.params.versionBits.testdummy).toEqual({
      bit: 28,
      startTime: 5,
      timeout: 9,
      minActivationHeight: 432,
      period: 144,
      threshold: 108,
    });
  });

  test("apply to every network", () => {
    expect(networkByName("main", { activationHeights: { segwit: 1 } })!.params.activationHeights.segwit).toBe(1);
    expect(MAINNET.params.activationHeights.segwit).toBe(481_824);
    expect(MAINNET.params.versionBits.testdummy.startTime).toBe(NEVER_ACTIVE);
  });

  test("of regtest", () => {
    expect(regtestNetwork({ fastPrune: true }).pruneAfterHeight).toBe(100);
    expect(REGTEST.pruneAfterHeight).toBe(1000);
    expect(regtestNetwork({ enforceBip94: true }).params.enforceBip94).toBe(true);
    expect(REGTEST.params.enforceBip94).toBe(false);
  });
});
