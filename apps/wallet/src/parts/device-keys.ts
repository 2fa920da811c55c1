import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeBase58Check } from "@bitfleet/protocol/script/base58.ts";
import { formatKeyPath, HARDENED_OFFSET, type KeyPath } from "@bitfleet/wallet/keys/keys.ts";
import { readSlip132 } from "@bitfleet/wallet/keys/slip132.ts";

/** Public keys as devices hand them out: one, or one for each kind of address that the device knows. */

/**
 * What a key is for: addresses of one signer, one of several signers of a shared wallet (`…-cosigner`), a whole descriptor (`output`), or whatever its origin says
 * (`any`).
 */
export type KeyUse =
  | "pkh"
  | "sh-wpkh"
  | "wpkh"
  | "tr"
  | "sh-cosigner"
  | "sh-wsh-cosigner"
  | "wsh-cosigner"
  | "output"
  | "any";

export interface DeviceKey {
  readonly use: KeyUse;
  /** `[37b5eed4/84h/0h/0h]xpub…`, or without an origin where none is told; `undefined` for an output. */
  readonly key: string | undefined;
  /** What a wallet without keys watches by it; `undefined` for one of several signers, which alone says nothing. */
  readonly watched: string | undefined;
}

/** The keys by themselves, each with its origin, for who makes descriptors of them; of those for the uses alone where some are named. */
export function keyTextsOf(keys: readonly DeviceKey[], uses?: readonly KeyUse[]): string[] {
  return keys.flatMap(({ key, use }) => (key === undefined || uses?.includes(use) === false ? [] : [key]));
}

/** Of a signer's own keys receiving and change addresses, as BIP44 and those after it have them. */
export const BOTH_CHAINS = "/<0;1>/*";

const WATCHED: Readonly<Partial<Record<KeyUse, (key: string) => string>>> = {
  pkh: (key) => `pkh(${key})`,
  "sh-wpkh": (key) => `sh(wpkh(${key}))`,
  wpkh: (key) => `wpkh(${key})`,
  tr: (key) => `tr(${key})`,
};

/** A key of a device for a use, with the chains of addresses that follow from it. */
export function deviceKey(use: KeyUse, key: string, chains = BOTH_CHAINS): DeviceKey {
  const watched = use === "any" ? key : WATCHED[use]?.(key + chains);
  return { use, key, watched };
}

/** What an extended public key is made of (BIP32). */
export interface KeyParts {
  readonly isTest: boolean;
  readonly depth: number;
  readonly parentFingerprint: number;
  /** Its number under its parent, with the mark of hardened ones. */
  readonly index: number;
  readonly chainCode: Uint8Array;
  readonly publicKey: Uint8Array;
}

const VERSIONS = { main: 0x0488b21e, test: 0x043587cf } as const;

/** `xpub…`, or `tpub…` for test networks. */
export function extendedKeyText(parts: KeyParts): string {
  const bytes = new Uint8Array(78);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, parts.isTest ? VERSIONS.test : VERSIONS.main);
  view.setUint8(4, parts.depth);
  view.setUint32(5, parts.parentFingerprint);
  view.setUint32(9, parts.index);
  bytes.set(parts.chainCode, 13);
  bytes.set(parts.publicKey, 45);
  return encodeBase58Check(bytes);
}

/** `[37b5eed4/84h/0h/0h]`: the fingerprint in hex, the path from there. */
export const originText = (fingerprint: string, path: KeyPath): string => `[${fingerprint}${formatKeyPath(path)}]`;

/** The fingerprint of UR's numbers in hex. */
export function fingerprintText(fingerprint: number): string {
  return fingerprint.toString(16).padStart(8, "0");
}

/** A key that a device's file names with where it comes from; `undefined` where one of them is none. Also in the forms that say what it is for (SLIP132). */
export function keyWithOrigin(fingerprint: unknown, path: unknown, key: unknown): string | undefined {
  if (typeof fingerprint !== "string" || typeof path !== "string" || typeof key !== "string") return undefined;
  const read = readSlip132(key);
  const steps = pathOf(path);
  if (read === undefined || read.isPrivate || steps === undefined || !/^[0-9a-f]{8}$/iu.test(fingerprint))
    return undefined;
  return originText(toHex(fromHex(fingerprint)), steps) + read.text;
}

const STEPS_MAX = 255;

/** "m/84h/0h/0h", "84'/0'/0'" */
function pathOf(text: string): KeyPath | undefined {
  const steps = text.replace(/^m\/?/iu, "").split("/");
  if (steps.length === 1 && steps[0] === "") return [];
  const path = steps.map((step) => {
    const [, digits, mark] = /^(\d{1,10})(['h])?$/iu.exec(step) ?? [];
    const index = Number(digits);
    return index < HARDENED_OFFSET ? index + (mark === undefined ? 0 : HARDENED_OFFSET) : Number.NaN;
  });
  return path.length > STEPS_MAX || path.some(Number.isNaN) ? undefined : path;
}
