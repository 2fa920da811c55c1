import { portableSha256 } from "@bitfleet/protocol/crypto/portable-hash.ts";

/** What some wallets say by the first letters of an extended public key (SLIP132): for which kind of address it is. */
export type KeyKind = "any" | "sh-wpkh" | "wpkh";

export interface ExtendedKey {
  /** The same key as BIP32 writes it, `xpub…` or `tpub…`, which is what descriptors take. */
  readonly text: string;
  readonly kind: KeyKind;
}

const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** BIP32: version, depth, fingerprint, index, chain code, key. */
const KEY_SIZE = 78;
const VERSION_SIZE = 4;
const CHECKSUM_SIZE = 4;
const MAIN = "0488b21e";
const TEST = "043587cf";
/** Versions of public keys, and which of the two plain ones is of the same network. */
const KINDS: Readonly<Record<string, readonly [KeyKind, plain: string]>> = {
  [MAIN]: ["any", MAIN],
  [TEST]: ["any", TEST],
  "049d7cb2": ["sh-wpkh", MAIN],
  "044a5262": ["sh-wpkh", TEST],
  "04b24746": ["wpkh", MAIN],
  "045f1cf6": ["wpkh", TEST],
};

/** Reads an extended public key with any of these prefixes; `undefined` where the text is none, or its checksum is wrong. */
export function readExtendedKey(text: string): ExtendedKey | undefined {
  const bytes = decode(text);
  if (bytes === undefined) return undefined;
  const payload = bytes.subarray(0, KEY_SIZE);
  if (checksumOf(payload).some((byte, index) => byte !== bytes[KEY_SIZE + index])) return undefined;
  const version = [...payload.subarray(0, VERSION_SIZE)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const [kind, plain] = KINDS[version] ?? [];
  if (kind === undefined || plain === undefined) return undefined;
  const written = Uint8Array.from(payload);
  for (let index = 0; index < VERSION_SIZE; index++) {
    written[index] = Number.parseInt(plain.slice(index * 2, index * 2 + 2), 16);
  }
  return { text: encode(written), kind };
}

function checksumOf(payload: Uint8Array): Uint8Array {
  return portableSha256(portableSha256(payload)).subarray(0, CHECKSUM_SIZE);
}

/** Base58; no key begins with a byte of nought, so that its bytes are a number. */
function decode(text: string): Uint8Array | undefined {
  let number = 0n;
  for (const letter of text) {
    const digit = DIGITS.indexOf(letter);
    if (digit < 0) return undefined;
    number = number * 58n + BigInt(digit);
  }
  const size = KEY_SIZE + CHECKSUM_SIZE;
  if (number >> BigInt(size * 8) > 0n) return undefined;
  const bytes = new Uint8Array(size);
  for (let index = size - 1; index >= 0; index--) {
    bytes[index] = Number(number & 0xffn);
    number >>= 8n;
  }
  return bytes;
}

function encode(payload: Uint8Array): string {
  let number = 0n;
  for (const byte of [...payload, ...checksumOf(payload)]) number = (number << 8n) | BigInt(byte);
  let text = "";
  for (; number > 0n; number /= 58n) text = `${DIGITS[Number(number % 58n)]}${text}`;
  return text;
}
