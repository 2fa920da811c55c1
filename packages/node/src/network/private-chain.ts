import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { type AddressPrefixes, decodeWif, encodeWif } from "@bitfleet/protocol/script/address.ts";
import { readSignetKey, type SignetKey } from "../mining/signet-key.ts";
import type { Random } from "../ports.ts";

/** What the nodes of a private network run. */
export interface PrivateChain {
  /** Also the folder of its data. */
  readonly name: "regtest" | "signet";
  /** Options of a node that choose it. */
  readonly args: readonly string[];
}

/** Of a signet alone: what makes it. A network without this file runs regtest. */
const FILE_NAME = "signet.json";
/** The key that signs the blocks, for its owner alone. */
const KEY_FILE_NAME = "signet-key.txt";
const BLOCK_TIME_SECONDS_MIN = 1;
const BLOCK_TIME_SECONDS_MAX = 3600;
const PRIVATE_KEY_SIZE = 32;

const REGTEST: PrivateChain = { name: "regtest", args: ["-regtest"] };

/** What a network is begun with. */
export interface WantedChain {
  readonly isSignet: boolean;
  /** Seconds between blocks that the difficulty of a signet aims at. */
  readonly blockTimeSeconds: number;
  /** Signs the blocks of a signet: a descriptor with private keys, a private key, or a file that holds one; a new one where absent. */
  readonly signetKey?: string | undefined;
  /** There is a network in the folder already. */
  readonly isBegun: boolean;
}

interface SignetFile {
  readonly challenge: string;
  readonly blockTimeSeconds: number;
}

/**
 * The chain of the network in `folder`: what was begun there goes on. A new one is regtest, or a signet with a key and a challenge of its own.
 * Throws `Error` where a regtest network is there and a signet is asked for, where the key is none or another than that of the signet that is
 * there, or where the files are damaged or gone; no message holds the key.
 */
export function chainOfFolder(folder: string, wanted: WantedChain, random: Pick<Random, "bytes">): PrivateChain {
  const file = join(folder, FILE_NAME);
  const given = wanted.signetKey === undefined ? undefined : keyTextOf(wanted.signetKey);
  if (existsSync(file)) {
    const signet = readSignet(file);
    // Throws where it does not fit.
    if (given !== undefined) readKey(given, fromHex(signet.challenge));
    keepKey(folder, given);
    return signetOf(signet, folder);
  }
  if (!wanted.isSignet) return REGTEST;
  if (wanted.isBegun) {
    throw new Error(`${folder} holds a regtest network, which cannot become a signet; choose another folder.`);
  }
  // The form that most programs make custom signets with: one key of one.
  const text =
    given ?? `multi(1,${encodeWif({ privateKey: newPrivateKey(random), compressed: true }, signetPrefixes())})`;
  const seconds = Math.round(wanted.blockTimeSeconds);
  const signet = {
    challenge: toHex(readKey(text, undefined).challenge),
    blockTimeSeconds: Math.max(BLOCK_TIME_SECONDS_MIN, Math.min(seconds, BLOCK_TIME_SECONDS_MAX)),
  };
  writeKey(folder, text);
  // Last: with it the signet is there.
  writeFileSync(file, `${JSON.stringify(signet, undefined, 2)}\n`);
  return signetOf(signet, folder);
}

/** How addresses look on a chain. */
export function prefixesOf(chain: PrivateChain): AddressPrefixes {
  return networkByName(chain.name)!.addressPrefixes;
}

/** 32 bytes that are a private key. */
export function newPrivateKey(random: Pick<Random, "bytes">): Uint8Array {
  for (;;) {
    const key = random.bytes(PRIVATE_KEY_SIZE);
    if (portableSecp256k1.isPrivateKey(key)) return key;
  }
}

const signetPrefixes = () => networkByName("signet")!.addressPrefixes;

/** The key itself, or what the file of that name holds. */
function keyTextOf(value: string): string {
  if (value.includes("(") || decodeWif(value, signetPrefixes()) !== undefined) return value;
  try {
    return readFileSync(value, "utf8").trim();
  } catch (error) {
    // It may be a key with a slip of the pen: it is not shown.
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`The signet's key is neither a key of a signet nor a file that can be read (${code}).`);
  }
}

function readKey(text: string, challenge: Uint8Array | undefined): SignetKey {
  const key = readSignetKey(text, challenge, { prefixes: signetPrefixes(), secp256k1: portableSecp256k1 });
  if ("error" in key) throw new Error(`The signet's key cannot be used: ${key.error}.`);
  return key;
}

function writeKey(folder: string, text: string): void {
  writeFileSync(join(folder, KEY_FILE_NAME), `${text}\n`, { mode: 0o600 });
}

/** Has the key's file back where it is gone and the key is given; without key there would be no more blocks. */
function keepKey(folder: string, given: string | undefined): void {
  const file = join(folder, KEY_FILE_NAME);
  if (existsSync(file)) return;
  if (given === undefined) throw new Error(`${file} is gone: the signet's key has to be given again.`);
  writeKey(folder, given);
}

function readSignet(file: string): SignetFile {
  try {
    const { challenge, blockTimeSeconds } = JSON.parse(readFileSync(file, "utf8")) as Partial<SignetFile>;
    if (typeof challenge === "string" && typeof blockTimeSeconds === "number") return { challenge, blockTimeSeconds };
  } catch {
    // Said below.
  }
  throw new Error(`${file} cannot be read; without it the network in that folder is lost.`);
}

function signetOf({ challenge, blockTimeSeconds }: SignetFile, folder: string): PrivateChain {
  return {
    name: "signet",
    args: [
      "-signet",
      `-signetchallenge=${challenge}`,
      `-signetblocktime=${blockTimeSeconds}`,
      `-signetblockkey=${join(folder, KEY_FILE_NAME)}`,
      // The nodes of the public signet are none of ours.
      "-fixedseeds=0",
    ],
  };
}
