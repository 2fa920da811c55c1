import { splitChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { BOTH_CHAINS, type DeviceKey, deviceKey, type KeyUse, keyWithOrigin } from "./device-keys.ts";

/** Keys in the files of devices, which are JSON in some forms that became usual. */

/** Of Coldcard's generic export, which others write too: an object for each kind of address. */
const GENERIC: readonly (readonly [name: string, use: KeyUse])[] = [
  ["bip84", "wpkh"],
  ["bip86", "tr"],
  ["bip49", "sh-wpkh"],
  ["bip44", "pkh"],
  ["bip48_2", "wsh-cosigner"],
  ["bip48_1", "sh-wsh-cosigner"],
  ["bip45", "sh-cosigner"],
];

/** Of its export for shared wallets: a key, and beside it where it comes from. */
const SHARED: readonly (readonly [name: string, use: KeyUse])[] = [
  ["p2wsh", "wsh-cosigner"],
  ["p2sh_p2wsh", "sh-wsh-cosigner"],
  ["p2wsh_p2sh", "sh-wsh-cosigner"],
  ["p2sh", "sh-cosigner"],
];

type Json = Readonly<Record<string, unknown>>;

/** The keys of a device's file; `undefined` where the text is none. Of a private key there it is the caller's to know. */
export function keysOfJson(text: string): readonly DeviceKey[] | undefined {
  const file = parsed(text);
  if (file === undefined) return undefined;
  const keys = [...genericKeys(file), ...sharedKeys(file), ...singleKeys(file)];
  return keys.length > 0 ? keys : undefined;
}

function parsed(text: string): Json | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function genericKeys(file: Json): DeviceKey[] {
  return GENERIC.flatMap(([name, use]) => {
    const account = file[name];
    if (typeof account !== "object" || account === null) return [];
    const { deriv, xpub } = account as Json;
    // The fingerprint within is the key's own; the origin begins at the master key's.
    const key = keyWithOrigin(file.xfp, deriv, xpub);
    return key === undefined ? [] : [deviceKey(use, key)];
  });
}

function sharedKeys(file: Json): DeviceKey[] {
  return SHARED.flatMap(([name, use]) => {
    const key = keyWithOrigin(file.xfp, file[`${name}_deriv`], file[name]);
    return key === undefined ? [] : [deviceKey(use, key)];
  });
}

/** One key with its origin, as Wasabi's and Keystone's files have it; or a descriptor, as Specter's have it. */
function singleKeys({ MasterFingerprint, AccountKeyPath, ExtPubKey, descriptor }: Json): DeviceKey[] {
  const key = keyWithOrigin(MasterFingerprint, AccountKeyPath, ExtPubKey);
  if (key !== undefined) return [deviceKey("any", key)];
  return typeof descriptor === "string" ? [outputOf(descriptor)] : [];
}

/** A descriptor for receiving addresses alone stands for those of change, too, as the files that have it mean it. */
function outputOf(descriptor: string): DeviceKey {
  const checked = splitChecksum(descriptor, false);
  // What is said of a wrong one is for whoever reads descriptors.
  if ("error" in checked) return { use: "output", key: undefined, watched: descriptor };
  const plain = checked.text;
  const isReceiving = /\/0\/\*/u.test(plain) && !/\/(?!0\/\*)(?:<[^>]*>|\d+)\/\*/u.test(plain);
  return { use: "output", key: undefined, watched: isReceiving ? plain.replaceAll("/0/*", BOTH_CHAINS) : descriptor };
}
