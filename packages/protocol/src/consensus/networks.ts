import { fromHex, reversedBytes } from "../bytes/bytes.ts";
import { Writer } from "../bytes/cursor.ts";
import { sha256d } from "../crypto/hash.ts";
import type { BlockHash } from "../primitives/types.ts";
import type { AddressPrefixes } from "../script/address.ts";
import { genesisBlock, SATOSHI_GENESIS } from "./genesis.ts";
import {
  type BuriedDeployment,
  type ConsensusParams,
  NEVER_ACTIVE,
  type NetworkName,
  NO_TIMEOUT,
  type VersionBitsDeployment,
  type VersionBitsParams,
} from "./params.ts";
import {
  type AssumeUtxoSnapshot,
  type ChainTransactionData,
  MAINNET_SNAPSHOTS,
  REGTEST_SNAPSHOTS,
  SIGNET_SNAPSHOTS,
  TESTNET3_SNAPSHOTS,
  TESTNET4_SNAPSHOTS,
} from "./snapshots.ts";

/** A Bitcoin network: its rules, and how its peers, addresses and files are told from those of others. */
export interface Network {
  readonly name: NetworkName;
  readonly params: ConsensusParams;
  /** First four bytes of every message and of every record in the block files. */
  readonly magic: Uint8Array;
  readonly p2pPort: number;
  readonly rpcPort: number;
  /** Where connections that come through Tor are taken. */
  readonly onionPort: number;
  readonly addressPrefixes: AddressPrefixes;
  /** Folder below the data directory; mainnet has none of its own. */
  readonly dataFolder: "" | "testnet3" | "testnet4" | "signet" | "regtest";
  readonly dnsSeeds: readonly string[];
  readonly assumeUtxo: readonly AssumeUtxoSnapshot[];
  readonly chainTransactions: ChainTransactionData;
  /** Pruning begins only above this height. */
  readonly pruneAfterHeight: number;
  /** Gigabytes of disk that the blocks and the chainstate are expected to take. */
  readonly assumedBlockchainSizeGb: number;
  readonly assumedChainstateSizeGb: number;
  /** Memory against work when headers come from a peer that is not trusted to have a long chain. */
  readonly headersSync: { readonly commitmentPeriod: number; readonly redownloadBufferSize: number };
  /** Default of `-checkmempool` and `-checkblockindex`. */
  readonly defaultConsistencyChecks: boolean;
  /** Whether `setmocktime` and its like are allowed. */
  readonly isMockable: boolean;
  /** Whether coins on it are worth nothing. */
  readonly isTestNetwork: boolean;
}

/** Start, end and delay of a soft fork as `-vbparams` sets them. */
export type VersionBitsOverride = Pick<VersionBitsParams, "startTime" | "timeout" | "minActivationHeight">;

/** What the operator may change about a network's rules, for tests. */
export interface DeploymentOptions {
  readonly activationHeights?: Readonly<Partial<Record<BuriedDeployment, number>>>;
  readonly versionBits?: Readonly<Partial<Record<VersionBitsDeployment, VersionBitsOverride>>>;
}

export interface SignetOptions extends DeploymentOptions {
  /** Script that every block must satisfy (BIP325); the public signet's where absent. */
  readonly challenge?: Uint8Array;
  /** Time between blocks that the difficulty aims at, in seconds; the difficulty still changes every two weeks' worth of blocks. */
  readonly blockTimeSeconds?: number;
  /** Replaces the DNS seeds. */
  readonly seedNodes?: readonly string[];
}

export interface RegtestOptions extends DeploymentOptions {
  /** Prune from height 100 on. */
  readonly fastPrune?: boolean;
  /** Hold headers to BIP94, as testnet4 does. */
  readonly enforceBip94?: boolean;
}

export type NetworkOptions = SignetOptions & RegtestOptions;

const TWO_WEEKS_SECONDS = 14 * 24 * 60 * 60;
const TEN_MINUTES_SECONDS = 10 * 60;

const MAINNET_POW_LIMIT = BigInt("0x00000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff");

const MAINNET_PREFIXES: AddressPrefixes = {
  pubKeyHash: 0,
  scriptHash: 5,
  privateKey: 128,
  extPublicKey: 0x0488b21e,
  extPrivateKey: 0x0488ade4,
  bech32: "bc",
};

function testPrefixes(bech32: string): AddressPrefixes {
  return {
    pubKeyHash: 111,
    scriptHash: 196,
    privateKey: 239,
    extPublicKey: 0x043587cf,
    extPrivateKey: 0x04358394,
    bech32,
  };
}

/** No soft fork is under way on any network: the one deployment left is for tests of the machinery. */
function testDummy(threshold: number): ConsensusParams["versionBits"] {
  return {
    testdummy: {
      bit: 28,
      startTime: NEVER_ACTIVE,
      timeout: NO_TIMEOUT,
      minActivationHeight: 0,
      period: 2016,
      threshold,
    },
  };
}

/** Every buried rule from height 1 on. */
const FROM_FIRST_BLOCK = { bip34: 1, dersig: 1, cltv: 1, csv: 1, segwit: 1 } as const;

/** The network on which coins are worth something. */
export function mainNetwork(options: DeploymentOptions = {}): Network {
  return withDeployments(options, {
    name: "main",
    params: {
      network: "main",
      genesis: genesisBlock({ ...SATOSHI_GENESIS, time: 1231006505, nonce: 2083236893, bits: 0x1d00ffff }),
      subsidyHalvingInterval: 210_000,
      activationHeights: { bip34: 227_931, dersig: 363_725, cltv: 388_381, csv: 419_328, segwit: 481_824 },
      bip34Hash: blockHash("000000000000024b89b42a942fe0d9fea3bb44ab7bd1b19115dd6a759c0808b8"),
      scriptFlagExceptions: new Map([
        // Breaks BIP16.
        ["00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22", []],
        // Breaks BIP341.
        ["0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad", ["P2SH", "WITNESS"]],
      ]),
      versionBits: testDummy(1815),
      versionBitsWarningHeight: 711_648,
      powLimit: MAINNET_POW_LIMIT,
      allowMinimumDifficultyBlocks: false,
      enforceBip94: false,
      noRetargeting: false,
      targetSpacingSeconds: TEN_MINUTES_SECONDS,
      targetTimespanSeconds: TWO_WEEKS_SECONDS,
      signetChallenge: undefined,
      minimumChainwork: 0x01128750f82f4c366153a3a030n,
      // Height 938,343.
      assumeValid: blockHash("00000000000000000000ccebd6d74d9194d8dcdc1d177c478e094bfad51ba5ac"),
    },
    magic: fromHex("f9beb4d9"),
    p2pPort: 8333,
    rpcPort: 8332,
    onionPort: 8334,
    addressPrefixes: MAINNET_PREFIXES,
    dataFolder: "",
    dnsSeeds: [
      "dnsseed.bluematt.me.",
      "seed.bitcoin.jonasschnelli.ch.",
      "seed.btc.petertodd.net.",
      "seed.bitcoin.sprovoost.nl.",
      "dnsseed.emzy.de.",
      "seed.bitcoin.wiz.biz.",
      "seed.mainnet.achownodes.xyz.",
    ],
    assumeUtxo: MAINNET_SNAPSHOTS,
    chainTransactions: {
      timeSeconds: 1772055173,
      transactionCount: 1_315_805_869,
      transactionsPerSecond: 5.40111006496122,
    },
    pruneAfterHeight: 100_000,
    assumedBlockchainSizeGb: 856,
    assumedChainstateSizeGb: 14,
    headersSync: { commitmentPeriod: 641, redownloadBufferSize: 15_218 },
    defaultConsistencyChecks: false,
    isMockable: false,
    isTestNetwork: false,
  });
}

/** The public test network of 2011. */
export function testnet3Network(options: DeploymentOptions = {}): Network {
  return withDeployments(options, {
    name: "test",
    params: {
      network: "test",
      genesis: genesisBlock({ ...SATOSHI_GENESIS, time: 1296688602, nonce: 414098458, bits: 0x1d00ffff }),
      subsidyHalvingInterval: 210_000,
      activationHeights: { bip34: 21_111, dersig: 330_776, cltv: 581_885, csv: 770_112, segwit: 834_624 },
      bip34Hash: blockHash("0000000023b3a96d3484e5abb3755c413e7d41500f8e2a5c3f0dd01299cd8ef8"),
      scriptFlagExceptions: new Map([
        // Breaks BIP16.
        ["00000000dd30457c001f4095d208cc1296b0eed002427aa599874af7a432b105", []],
      ]),
      versionBits: testDummy(1512),
      versionBitsWarningHeight: 2_013_984,
      powLimit: MAINNET_POW_LIMIT,
      allowMinimumDifficultyBlocks: true,
      enforceBip94: false,
      noRetargeting: false,
      targetSpacingSeconds: TEN_MINUTES_SECONDS,
      targetTimespanSeconds: TWO_WEEKS_SECONDS,
      signetChallenge: undefined,
      minimumChainwork: 0x17dde1c649f3708d14b6n,
      // Height 4,842,348.
      assumeValid: blockHash("000000007a61e4230b28ac5cb6b5e5a0130de37ac1faf2f8987d2fa6505b67f4"),
    },
    magic: fromHex("0b110907"),
    p2pPort: 18333,
    rpcPort: 18332,
    onionPort: 18334,
    addressPrefixes: testPrefixes("tb"),
    dataFolder: "testnet3",
    dnsSeeds: [
      "testnet-seed.bitcoin.jonasschnelli.ch.",
      "seed.tbtc.petertodd.net.",
      "seed.testnet.bitcoin.sprovoost.nl.",
      "testnet-seed.bluematt.me.",
      "seed.testnet.achownodes.xyz.",
    ],
    assumeUtxo: TESTNET3_SNAPSHOTS,
    chainTransactions: {
      timeSeconds: 1772051651,
      transactionCount: 536_108_416,
      transactionsPerSecond: 0.02691479016257117,
    },
    pruneAfterHeight: 1000,
    assumedBlockchainSizeGb: 245,
    assumedChainstateSizeGb: 19,
    headersSync: { commitmentPeriod: 673, redownloadBufferSize: 14_460 },
    defaultConsistencyChecks: false,
    isMockable: false,
    isTestNetwork: true,
  });
}

/** The public test network of 2024 (BIP94). */
export function testnet4Network(options: DeploymentOptions = {}): Network {
  return withDeployments(options, {
    name: "testnet4",
    params: {
      network: "testnet4",
      genesis: genesisBlock({
        message: "03/May/2024 000000000000000000001ebd58c244970b3aa9d783bb001011fbe8ea8e98e00e",
        publicKey: "00".repeat(33),
        time: 1714777860,
        nonce: 393743547,
        bits: 0x1d00ffff,
      }),
      subsidyHalvingInterval: 210_000,
      activationHeights: FROM_FIRST_BLOCK,
      bip34Hash: undefined,
      scriptFlagExceptions: new Map(),
      versionBits: testDummy(1512),
      versionBitsWarningHeight: 0,
      powLimit: MAINNET_POW_LIMIT,
      allowMinimumDifficultyBlocks: true,
      enforceBip94: true,
      noRetargeting: false,
      targetSpacingSeconds: TEN_MINUTES_SECONDS,
      targetTimespanSeconds: TWO_WEEKS_SECONDS,
      signetChallenge: undefined,
      minimumChainwork: 0x09a0fe15d0177d086304n,
      // Height 123,613.
      assumeValid: blockHash("0000000002368b1e4ee27e2e85676ae6f9f9e69579b29093e9a82c170bf7cf8a"),
    },
    magic: fromHex("1c163f28"),
    p2pPort: 48333,
    rpcPort: 48332,
    onionPort: 48334,
    addressPrefixes: testPrefixes("tb"),
    dataFolder: "testnet4",
    dnsSeeds: ["seed.testnet4.bitcoin.sprovoost.nl.", "seed.testnet4.wiz.biz."],
    assumeUtxo: TESTNET4_SNAPSHOTS,
    chainTransactions: {
      timeSeconds: 1772013387,
      transactionCount: 14_191_421,
      transactionsPerSecond: 0.01848579579528412,
    },
    pruneAfterHeight: 1000,
    assumedBlockchainSizeGb: 31,
    assumedChainstateSizeGb: 2,
    headersSync: { commitmentPeriod: 606, redownloadBufferSize: 16_092 },
    defaultConsistencyChecks: false,
    isMockable: false,
    isTestNetwork: true,
  });
}

/** One of two keys signs: the challenge of the public signet. */
const PUBLIC_SIGNET_CHALLENGE = fromHex(
  "512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be430" +
    "210359ef5021964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae",
);

/** BIP325: a test network whose blocks are signed. Each challenge makes a network of its own, all from the same genesis block. */
export function signetNetwork(options: SignetOptions = {}): Network {
  const challenge = options.challenge ?? PUBLIC_SIGNET_CHALLENGE;
  const isPublic = options.challenge === undefined;
  return withDeployments(options, {
    name: "signet",
    params: {
      network: "signet",
      genesis: genesisBlock({ ...SATOSHI_GENESIS, time: 1598918400, nonce: 52613770, bits: 0x1e0377ae }),
      subsidyHalvingInterval: 210_000,
      activationHeights: FROM_FIRST_BLOCK,
      bip34Hash: undefined,
      scriptFlagExceptions: new Map(),
      versionBits: testDummy(1815),
      versionBitsWarningHeight: 0,
      powLimit: BigInt("0x00000377ae000000000000000000000000000000000000000000000000000000"),
      allowMinimumDifficultyBlocks: false,
      enforceBip94: false,
      noRetargeting: false,
      targetSpacingSeconds: options.blockTimeSeconds ?? TEN_MINUTES_SECONDS,
      targetTimespanSeconds: TWO_WEEKS_SECONDS,
      signetChallenge: challenge,
      minimumChainwork: isPublic ? 0x0b463ea0a4b8n : 0n,
      // Height 293,175.
      assumeValid: isPublic ? blockHash("00000008414aab61092ef93f1aacc54cf9e9f16af29ddad493b908a01ff5c329") : undefined,
    },
    magic: signetMagic(challenge),
    p2pPort: 38333,
    rpcPort: 38332,
    onionPort: 38334,
    addressPrefixes: testPrefixes("tb"),
    dataFolder: "signet",
    dnsSeeds:
      options.seedNodes ?? (isPublic ? ["seed.signet.bitcoin.sprovoost.nl.", "seed.signet.achownodes.xyz."] : []),
    assumeUtxo: SIGNET_SNAPSHOTS,
    chainTransactions: isPublic
      ? { timeSeconds: 1772055248, transactionCount: 28_676_833, transactionsPerSecond: 0.06736623436338929 }
      : { timeSeconds: 0, transactionCount: 0, transactionsPerSecond: 0 },
    pruneAfterHeight: 1000,
    assumedBlockchainSizeGb: isPublic ? 24 : 0,
    assumedChainstateSizeGb: isPublic ? 4 : 0,
    headersSync: { commitmentPeriod: 620, redownloadBufferSize: 15_724 },
    defaultConsistencyChecks: false,
    isMockable: false,
    isTestNetwork: true,
  });
}

/** A network of one's own: the lowest difficulty for ever, every rule from the first block on. */
export function regtestNetwork(options: RegtestOptions = {}): Network {
  return withDeployments(options, {
    name: "regtest",
    params: {
      network: "regtest",
      genesis: genesisBlock({ ...SATOSHI_GENESIS, time: 1296688602, nonce: 2, bits: 0x207fffff }),
      subsidyHalvingInterval: 150,
      activationHeights: { ...FROM_FIRST_BLOCK, segwit: 0 },
      bip34Hash: undefined,
      scriptFlagExceptions: new Map(),
      versionBits: {
        testdummy: {
          bit: 28,
          startTime: 0,
          timeout: NO_TIMEOUT,
          minActivationHeight: 0,
          period: 144,
          threshold: 108,
        },
      },
      versionBitsWarningHeight: 0,
      powLimit: BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
      allowMinimumDifficultyBlocks: true,
      enforceBip94: options.enforceBip94 ?? false,
      noRetargeting: true,
      targetSpacingSeconds: TEN_MINUTES_SECONDS,
      targetTimespanSeconds: 24 * 60 * 60,
      signetChallenge: undefined,
      minimumChainwork: 0n,
      assumeValid: undefined,
    },
    magic: fromHex("fabfb5da"),
    p2pPort: 18444,
    rpcPort: 18443,
    onionPort: 18445,
    addressPrefixes: testPrefixes("bcrt"),
    dataFolder: "regtest",
    dnsSeeds: ["dummySeed.invalid."],
    assumeUtxo: REGTEST_SNAPSHOTS,
    chainTransactions: { timeSeconds: 0, transactionCount: 0, transactionsPerSecond: 0.001 },
    pruneAfterHeight: options.fastPrune ? 100 : 1000,
    assumedBlockchainSizeGb: 0,
    assumedChainstateSizeGb: 0,
    headersSync: { commitmentPeriod: 275, redownloadBufferSize: 7017 },
    defaultConsistencyChecks: true,
    isMockable: true,
    isTestNetwork: true,
  });
}

export const MAINNET: Network = mainNetwork();
export const TESTNET3: Network = testnet3Network();
export const TESTNET4: Network = testnet4Network();

export const NETWORK_NAMES: readonly NetworkName[] = ["main", "test", "testnet4", "signet", "regtest"];

const NETWORKS: Readonly<Record<NetworkName, (options: NetworkOptions) => Network>> = {
  main: mainNetwork,
  test: testnet3Network,
  testnet4: testnet4Network,
  signet: signetNetwork,
  regtest: regtestNetwork,
};

/** The network that `-chain` and bitcoin.conf sections call `name`, or `undefined` for no such name. Options that it does not know are passed over. */
export function networkByName(name: string, options: NetworkOptions = {}): Network | undefined {
  return Object.hasOwn(NETWORKS, name) ? NETWORKS[name as NetworkName](options) : undefined;
}

/** The network in its standard form whose messages begin with `magic`, if any: to tell an operator that the files are another network's. */
export function networkNameByMagic(magic: Uint8Array): NetworkName | undefined {
  return NETWORK_NAMES.find((name) => NETWORKS[name]({}).magic.every((byte, index) => byte === magic[index]));
}

/** BIP325: the first four bytes of the hash of the challenge, encoded as a script is. */
function signetMagic(challenge: Uint8Array): Uint8Array {
  return sha256d(new Writer().compactBytes(challenge).finish()).slice(0, 4);
}

function withDeployments(options: DeploymentOptions, network: Network): Network {
  const { activationHeights, versionBits } = options;
  if (activationHeights === undefined && versionBits === undefined) return network;
  const { params } = network;
  return {
    ...network,
    params: {
      ...params,
      activationHeights: { ...params.activationHeights, ...activationHeights },
      versionBits: { testdummy: { ...params.versionBits.testdummy, ...versionBits?.testdummy } },
    },
  };
}

function blockHash(display: string): BlockHash {
  return reversedBytes(fromHex(display)) as BlockHash;
}
