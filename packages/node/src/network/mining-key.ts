import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { type AddressPrefixes, decodeWif, encodeAddress, encodeWif } from "@bitfleet/protocol/script/address.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import type { Random } from "../ports.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import { newPrivateKey } from "./private-chain.ts";

const FILE_NAME = "mining-key.json";

/** The key that a network mines to which has no wallet: one of an earlier version, or where wallets cannot be had. */
export interface MiningKey {
  readonly address: string;
  /** The key itself, in Core's import format. */
  readonly wif: string;
  /** Where it is kept. */
  readonly file: string;
}

/** `undefined` where the network in `folder` has none: its wallet has the address. Throws `Error` where the file is damaged. */
export function readMiningKey(folder: string, prefixes: AddressPrefixes): MiningKey | undefined {
  const file = join(folder, FILE_NAME);
  const wif = readStored(file);
  if (wif === undefined) return undefined;
  const key = decodeWif(wif, prefixes);
  if (key === undefined)
    throw new Error(`The mining key in ${file} cannot be read; move the file away to go on without.`);
  return { file, wif, address: addressOf(key.privateKey, prefixes) };
}

/** The same, made on first use: readable by its owner alone, in forms that any wallet takes. */
export function loadMiningKey(folder: string, prefixes: AddressPrefixes, random: Pick<Random, "bytes">): MiningKey {
  const stored = readMiningKey(folder, prefixes);
  if (stored !== undefined) return stored;
  const privateKey = newPrivateKey(random);
  const wif = encodeWif({ privateKey, compressed: true }, prefixes);
  const key = { file: join(folder, FILE_NAME), wif, address: addressOf(privateKey, prefixes) };
  const content = { address: key.address, descriptor: `wpkh(${wif})`, wif };
  makeDirectory(folder);
  writeFileSync(key.file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  return key;
}

function addressOf(privateKey: Uint8Array, prefixes: AddressPrefixes): string {
  const publicKey = portableSecp256k1.publicKeyOf(privateKey, true);
  return encodeAddress(payToWitnessPublicKeyHash(hash160(publicKey)), prefixes)!;
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
