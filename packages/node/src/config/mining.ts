import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { NetworkName } from "@bitfleet/protocol/consensus/params.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { type AddressPrefixes, decodeWif } from "@bitfleet/protocol/script/address.ts";
import { HASH_THREADS_MAX } from "../mining/hash-pool.ts";
import { MINER_PACINGS, type MinerPacing } from "../mining/miner.ts";
import { readSignetKey, type SignetKey } from "../mining/signet-key.ts";
import { ConfigError, type SettingSources } from "./settings.ts";
import { booleanSetting, integerSetting, listSetting, positiveNumberSetting, textSetting } from "./values.ts";

export const MINING_INTERVAL_SECONDS_DEFAULT = 10;
/** Of a miner that is told of peers. */
export const PEER_WAIT_SECONDS_DEFAULT = 10;
const PEER_WAIT_SECONDS_MAX = 3600;
/** Some minutes' work, and few enough that blocks a second and less apart need not lie in the future. */
const FIRST_BLOCKS_MAX = 20_000;

export interface MiningConfig {
  readonly pacing: MinerPacing;
  /** Of the network as a whole. */
  readonly intervalSeconds: number;
  /** `undefined` where the node's own wallet has it. */
  readonly address: string | undefined;
  /** So long without news of peers, a miner begins without them; 0 begins at once. */
  readonly peerWaitSeconds: number;
  /** So high a chain is made at once before blocks are paced; 0 of a miner that is told of peers, who may have a chain. */
  readonly firstBlocksHeight: number;
  /** Threads that hash; 0 hashes on the main thread. */
  readonly threadCount: number;
}

/** Throws `ConfigError`. */
export function miningConfigOf(sources: SettingSources, network: NetworkName): MiningConfig {
  const text = textSetting(sources, "mining") ?? "off";
  const pacing = text === "0" ? "off" : MINER_PACINGS.find((name) => name === text);
  if (pacing === undefined) {
    throw new ConfigError(
      `Invalid value '${text}' for -mining: interval, on-transaction, continuous or off is expected.`,
    );
  }
  const address = textSetting(sources, "miningaddress");
  if (pacing !== "off" && address === undefined && booleanSetting(sources, "disablewallet")) {
    throw new ConfigError(
      "-mining needs -miningaddress, or a wallet (without -disablewallet): where should the coins go?",
    );
  }
  return {
    pacing,
    intervalSeconds: positiveNumberSetting(sources, "mininginterval") ?? MINING_INTERVAL_SECONDS_DEFAULT,
    address,
    peerWaitSeconds: peerWaitSecondsOf(sources),
    firstBlocksHeight: firstBlocksHeightOf(sources, network, pacing),
    threadCount: hashThreadCount(integerSetting(sources, "miningthreads"), availableParallelism()),
  };
}

/** Whether blocks are made and no address is named for what they pay. */
export function minesToWallet(sources: SettingSources): boolean {
  const isMining = !["0", "off"].includes(textSetting(sources, "mining") ?? "off");
  return isMining && textSetting(sources, "miningaddress") === undefined;
}

/** Who is told of peers hears them first; who is told of none may be all there is. */
function peerWaitSecondsOf(sources: SettingSources): number {
  const given = integerSetting(sources, "miningpeerwait");
  if (given !== undefined && (given < 0 || given > PEER_WAIT_SECONDS_MAX)) {
    throw new ConfigError(`Invalid value '${given}' for -miningpeerwait: 0 to ${PEER_WAIT_SECONDS_MAX} is expected.`);
  }
  if (given !== undefined) return given;
  return isToldOfPeers(sources) ? PEER_WAIT_SECONDS_DEFAULT : 0;
}

function isToldOfPeers(sources: SettingSources): boolean {
  const names = [...listSetting(sources, "connect"), ...listSetting(sources, "addnode")];
  return names.some((name) => name !== "" && name !== "0");
}

function firstBlocksHeightOf(sources: SettingSources, network: NetworkName, pacing: MinerPacing): number {
  const given = integerSetting(sources, "miningfirstblocks") ?? 0;
  if (given < 0 || given > FIRST_BLOCKS_MAX) {
    throw new ConfigError(`Invalid value '${given}' for -miningfirstblocks: 0 to ${FIRST_BLOCKS_MAX} is expected.`);
  }
  if (given === 0) return 0;
  if (network !== "regtest") {
    throw new ConfigError("-miningfirstblocks is for regtest alone: blocks of other networks take their time.");
  }
  if (pacing === "off")
    throw new ConfigError("-miningfirstblocks needs -mining: a node that does not mine makes none.");
  return isToldOfPeers(sources) ? 0 : given;
}

/** One processor is left for everything else. */
function hashThreadCount(given: number | undefined, processorCount: number): number {
  if (given === undefined) return Math.max(1, Math.min(processorCount - 1, HASH_THREADS_MAX));
  if (given < 0 || given > HASH_THREADS_MAX) {
    throw new ConfigError(`Invalid value '${given}' for -miningthreads: 0 to ${HASH_THREADS_MAX} is expected.`);
  }
  return given;
}

/**
 * The key that signs blocks. `challenge` is the network's where one was given; otherwise the key's own becomes that. Throws
 * `ConfigError`, whose text never holds the key.
 */
export function signetKeyOf(
  sources: SettingSources,
  name: NetworkName,
  challenge: Uint8Array | undefined,
  prefixes: AddressPrefixes,
): SignetKey | undefined {
  const value = textSetting(sources, "signetblockkey");
  if (value === undefined) return undefined;
  if (name !== "signet") throw new ConfigError("-signetblockkey may be used on signet only.");
  const isText = value.includes("(") || decodeWif(value, prefixes) !== undefined;
  const text = isText ? value : readKeyFile(value);
  const key = readSignetKey(text, challenge, { prefixes, secp256k1: portableSecp256k1 });
  if ("error" in key) throw new ConfigError(`The key of -signetblockkey cannot be used: ${key.error}.`);
  return key;
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    // The value may be a key with a slip of the pen: it is not shown.
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`-signetblockkey is neither a key of this network nor a file that can be read (${code}).`);
  }
}
