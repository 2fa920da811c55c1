import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import {
  type AddressPrefixes,
  decodeWif,
  encodeAddress,
  encodeWif,
  type WifKey,
} from "@bitfleet/protocol/script/address.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import type { Random } from "../ports.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import { newPrivateKey } from "./private-chain.ts";

const FILE_NAME = "mining-key.json";

export interface MiningKey {
  readonly address: string;
  readonly script: Uint8Array;
  /** Where the key is kept. */
  readonly file: string;
}

/**
 * The key that mined coins are paid to, made on first use and kept in `mining-key.json` (readable by its owner alone) in
 * Core's import format, so that the coins can be spent with any wallet. Throws `Error` where the file is damaged.
 */
export function loadMiningKey(folder: string, prefixes: AddressPrefixes, random: Pick<Random, "bytes">): MiningKey {
  const file = join(folder, FILE_NAME);
  const stored = readStored(file);
  if (stored !== undefined) {
    const key = decodeWif(stored, prefixes);
    if (key === undefined)
      throw new Error(`The mining key in ${file} cannot be read; move the file away for a new one.`);
    return { file, ...payeeOf(key.privateKey, prefixes) };
  }
  const privateKey = newPrivateKey(random);
  const payee = payeeOf(privateKey, prefixes);
  const wif = encodeWif({ privateKey, compressed: true }, prefixes);
  const content = { address: payee.address, descriptor: `wpkh(${wif})`, wif };
  makeDirectory(folder);
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  return { file, ...payee };
}

/** Whether the network has such a key: none where all that it ever mined went elsewhere. */
export const hasMiningKey = (folder: string): boolean => existsSync(join(folder, FILE_NAME));

/** The key itself, for who spends what was mined; `undefined` where the network has none. Throws `Error` where the file is damaged. */
export function miningWifKey(folder: string, prefixes: AddressPrefixes): WifKey | undefined {
  const file = join(folder, FILE_NAME);
  const stored = readStored(file);
  if (stored === undefined) return undefined;
  const key = decodeWif(stored, prefixes);
  if (key === undefined) throw new Error(`The mining key in ${file} cannot be read.`);
  return key;
}

function readStored(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`The mining key in ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
  try {
    const { wif } = JSON.parse(text) as { wif?: unknown };
    return typeof wif === "string" ? wif : "";
  } catch {
    return "";
  }
}

function payeeOf(privateKey: Uint8Array, prefixes: AddressPrefixes): { address: string; script: Uint8Array } {
  const script = payToWitnessPublicKeyHash(hash160(portableSecp256k1.publicKeyOf(privateKey, true)));
  return { script, address: encodeAddress(script, prefixes)! };
}
