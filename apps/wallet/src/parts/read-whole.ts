import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { toBase64 } from "@bitfleet/vault/base64.ts";
import { unpacked } from "./bbqr.ts";
import { type CborValue, decodeCbor } from "./cbor.ts";
import type { DeviceKey } from "./device-keys.ts";
import type { Whole } from "./gather-parts.ts";
import { keysOfUr, SecretFound } from "./ur-keys.ts";

/** What codes of several parts hold, once they are whole. */
export type WholeContent =
  /** Of a PSBT its base64, of a transaction its hex; of all else it is still to be found out what it is. */
  | { readonly kind: "text"; readonly text: string }
  /** That are no text. */
  | { readonly kind: "bytes"; readonly size: number }
  | { readonly kind: "keys"; readonly keys: readonly DeviceKey[] }
  /** A private key, of which nothing is handed on. */
  | { readonly kind: "private-key" }
  /** It is not what it says, or not unpacked; or there is more of it than is read. */
  | { readonly kind: "damaged" | "too-many" }
  | { readonly kind: "unknown"; readonly name: string };

/** What is to come, by the first part already. `any`: that shows in the whole. */
export type Promised = "psbt" | "keys" | "transaction" | "any" | "unknown";

const UR_KEYS: Readonly<Record<string, "hdkey" | "output" | "account">> = {
  hdkey: "hdkey",
  output: "output",
  "output-descriptor": "output",
  account: "account",
  "account-descriptor": "account",
};

/** UR's types had other names at first. */
const plainType = (type: string) => type.replace(/^crypto-/u, "");
const keysKindOf = (type: string) => (Object.hasOwn(UR_KEYS, plainType(type)) ? UR_KEYS[plainType(type)] : undefined);

const BBQR_PROMISES: Readonly<Record<string, Promised>> = { P: "psbt", T: "transaction", J: "any", U: "any", B: "any" };

/** `type`: UR's, in small letters, or BBQr's capital; `undefined` for forms that have none. */
export function promisedBy(type: string | undefined): Promised {
  if (type === undefined || type === "bytes") return "any";
  if (plainType(type) === "psbt") return "psbt";
  if (keysKindOf(type) !== undefined) return "keys";
  return BBQR_PROMISES[type] ?? "unknown";
}

/** Reads what was put together. */
export async function readWhole(whole: Whole): Promise<WholeContent> {
  switch (whole.form) {
    case "Specter":
      return { kind: "text", text: whole.text };
    case "UR":
      return contentOfUr(whole.type, whole.cbor);
    case "BBQr": {
      if (promisedBy(whole.type) === "unknown") return { kind: "unknown", name: `BBQr ${whole.type}` };
      const bytes = whole.isPacked ? await unpacked(whole.bytes) : whole.bytes;
      if (bytes === "too-many") return { kind: "too-many" };
      if (bytes === undefined) return { kind: "damaged" };
      return whole.type === "T" ? { kind: "text", text: toHex(bytes) } : contentOfBytes(bytes);
    }
  }
}

function contentOfUr(type: string, cbor: Uint8Array): WholeContent {
  const keysKind = keysKindOf(type);
  if (promisedBy(type) === "unknown") return { kind: "unknown", name: `UR ${type}` };
  let value: CborValue;
  try {
    value = decodeCbor(cbor);
  } catch {
    return { kind: "damaged" };
  }
  if (keysKind !== undefined) return contentOfKeys(keysKind, value);
  return value instanceof Uint8Array ? contentOfBytes(value) : { kind: "damaged" };
}

function contentOfKeys(kind: "hdkey" | "output" | "account", value: CborValue): WholeContent {
  try {
    return { kind: "keys", keys: keysOfUr(kind, value) };
  } catch (error) {
    return error instanceof SecretFound ? { kind: "private-key" } : { kind: "damaged" };
  }
}

/** BIP174: "psbt" and 0xff. */
const PSBT_MAGIC = [0x70, 0x73, 0x62, 0x74, 0xff] as const;

function contentOfBytes(bytes: Uint8Array): WholeContent {
  if (PSBT_MAGIC.every((byte, place) => bytes[place] === byte)) return { kind: "text", text: toBase64(bytes) };
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { kind: "bytes", size: bytes.length };
  }
}
