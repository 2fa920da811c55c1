import type { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/types.ts";

/** Names as `getblockchaininfo.chain` and bitcoin.conf sections have them. */
export type NetworkName = "main" | "test" | "testnet4" | "signet" | "regtest";

/** Rules that activate at a fixed height on each network (BIP90), by the names of `-testactivationheight`. */
export type BuriedDeployment = "bip34" | "cltv" | "dersig" | "csv" | "segwit";

/** Soft forks signalled by version bits (BIP9). */
export type VersionBitsDeployment = "testdummy";

/** BIP9 parameters of one soft fork. Times in seconds since 1970, against median time past. */
export interface VersionBitsParams {
  readonly bit: number;
  /** {@link ALWAYS_ACTIVE}, {@link NEVER_ACTIVE} or a time. */
  readonly startTime: number;
  readonly timeout: number;
  readonly minActivationHeight: number;
  /** Blocks in a signalling period. */
  readonly period: number;
  /** Signalling blocks of a period that lock the soft fork in. */
  readonly threshold: number;
}

export const ALWAYS_ACTIVE = -1;
export const NEVER_ACTIVE = -2;
export const NO_TIMEOUT = Number.MAX_SAFE_INTEGER;

/** All that the consensus rules ask about the network they run on. */
export interface ConsensusParams {
  readonly network: NetworkName;
  readonly genesis: Block;
  readonly subsidyHalvingInterval: number;
  /** First height at which each buried rule is enforced. */
  readonly activationHeights: Readonly<Record<BuriedDeployment, number>>;
  /** Hash of the block at the BIP34 height where known: on that chain duplicate coinbases cannot occur (BIP30). */
  readonly bip34Hash: BlockHash | undefined;
  /** Blocks, by display hash, that break a script rule enforced from genesis on, with the names of the flags that hold there. */
  readonly scriptFlagExceptions: ReadonlyMap<string, readonly string[]>;
  readonly versionBits: Readonly<Record<VersionBitsDeployment, VersionBitsParams>>;
  /** Signals in blocks below this height belong to soft forks that are buried by now: they call for no warning. */
  readonly versionBitsWarningHeight: number;
  /** Largest target. */
  readonly powLimit: bigint;
  /** Testnet rule: a block that comes 20 minutes late may have the lowest difficulty. */
  readonly allowMinimumDifficultyBlocks: boolean;
  /** BIP94: retarget from the first block of the period, and no timewarp. */
  readonly enforceBip94: boolean;
  readonly noRetargeting: boolean;
  readonly targetSpacingSeconds: number;
  readonly targetTimespanSeconds: number;
  /** BIP325: script that every block's solution must satisfy, on signet. */
  readonly signetChallenge: Uint8Array | undefined;
  /** Work that the best chain is known to have; a node with less is still syncing. */
  readonly minimumChainwork: bigint;
  /** Scripts below this block need no check, unless the operator says so; `undefined` for none. */
  readonly assumeValid: BlockHash | undefined;
}
