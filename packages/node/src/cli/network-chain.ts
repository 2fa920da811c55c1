import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { type AddressPrefixes, encodeWif } from "@bitfleet/protocol/script/address.ts";
import { readSignetKey } from "../mining/signet-key.ts";
import type { PrivateChain } from "../network/network.ts";
import type { Random } from "../ports.ts";
import { newPrivateKey } from "./mining-key.ts";

/** Of a signet alone: what makes it. A network without this file runs regtest. */
const FILE_NAME = "signet.json";
/** The key that signs the blocks, for its owner alone. */
const KEY_FILE_NAME = "signet-key.txt";
const BLOCK_TIME_SECONDS_MIN = 1;
const BLOCK_TIME_SECONDS_MAX = 3600;

const REGTEST: PrivateChain = { name: "regtest", args: ["-regtest"] };

interface SignetFile {
  readonly challenge: string;
  readonly blockTimeSeconds: number;
}

/**
 * The chain of the network in `folder`: what was begun there goes on. A new one is regtest, or with `isSignet` a signet with a key and
 * a challenge of its own, whose difficulty aims at a block every `intervalSeconds`. Throws `Error` where a regtest network is there
 * and a signet is asked for, or the files are damaged.
 */
export function chainOfFolder(
  folder: string,
  wanted: { readonly isSignet: boolean; readonly intervalSeconds: number; readonly isBegun: boolean },
  random: Pick<Random, "bytes">,
): PrivateChain {
  const file = join(folder, FILE_NAME);
  if (existsSync(file)) return signetOf(readSignet(file), folder);
  if (!wanted.isSignet) return REGTEST;
  if (wanted.isBegun) {
    throw new Error(`${folder} holds a regtest network, which cannot become a signet; choose another with --data.`);
  }
  const { addressPrefixes: prefixes } = networkByName("signet")!;
  const wif = encodeWif({ privateKey: newPrivateKey(random), compressed: true }, prefixes);
  // The form that most programs make custom signets with: one key of one.
  const descriptor = `multi(1,${wif})`;
  const key = readSignetKey(descriptor, undefined, { prefixes, secp256k1: portableSecp256k1 });
  if ("error" in key) throw new Error(key.error);
  const seconds = Math.round(wanted.intervalSeconds);
  const signet = {
    challenge: toHex(key.challenge),
    blockTimeSeconds: Math.max(BLOCK_TIME_SECONDS_MIN, Math.min(seconds, BLOCK_TIME_SECONDS_MAX)),
  };
  writeFileSync(join(folder, KEY_FILE_NAME), `${descriptor}\n`, { mode: 0o600 });
  // Last: with it the signet is there.
  writeFileSync(file, `${JSON.stringify(signet, undefined, 2)}\n`);
  return signetOf(signet, folder);
}

/** How addresses look on a chain. */
export function prefixesOf(chain: PrivateChain): AddressPrefixes {
  return networkByName(chain.name)!.addressPrefixes;
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
