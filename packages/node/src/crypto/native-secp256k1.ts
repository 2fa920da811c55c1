import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { hasLowS } from "@bitfleet/protocol/crypto/der.ts";
import {
  COMPRESSED_KEY_SIZE,
  CURVE_ORDER,
  isZeroScalar,
  MESSAGE_HASH_SIZE,
  PRIVATE_KEY_SIZE,
  requireArgument,
  type Secp256k1,
  SIGNATURE_SIZE,
  UNCOMPRESSED_KEY_SIZE,
  X_ONLY_KEY_SIZE,
} from "@bitfleet/protocol/crypto/secp256k1.ts";
import { disagreementWithPortable } from "./self-test.ts";

/** What is used of koffi, the foreign function interface. */
interface Koffi {
  load(path: string): { func(name: string, result: string, parameters: string[]): NativeFunction };
  address(bytes: Uint8Array): bigint;
}

type NativeFunction = (...values: (bigint | number | null)[]) => number;

export type NativeSecp256k1 =
  | { readonly backend: Secp256k1 }
  /** Why there is none, and what the operator may do about it. */
  | { readonly reason: string; readonly hint: string };

/** Every released interface number that has what is used here, newest first. */
const LIBRARY_NAMES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["/opt/homebrew/lib/libsecp256k1.dylib", "/usr/local/lib/libsecp256k1.dylib", "libsecp256k1.dylib"],
  win32: ["libsecp256k1-6.dll", "libsecp256k1-5.dll", "libsecp256k1-2.dll", "libsecp256k1-1.dll", "secp256k1.dll"],
};
const LIBRARY_NAMES_ELSEWHERE = ["libsecp256k1.so.6", "libsecp256k1.so.5", "libsecp256k1.so.2", "libsecp256k1.so.1"];

const LIBRARY_HINTS: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "brew install secp256k1",
  win32: "put libsecp256k1.dll into a folder of the PATH",
};
const LIBRARY_HINT_ELSEWHERE =
  "apt-get install libsecp256k1-1 (libsecp256k1-dev where the number differs), or apk add libsecp256k1";

const KOFFI_HINT = "npm install koffi (an optional dependency, prebuilt for the usual platforms)";

/** How the library is found; tests look for one that is not there. */
export interface NativeSecp256k1Options {
  readonly libraryNames?: readonly string[];
  readonly importKoffi?: () => unknown;
}

/**
 * The system's libsecp256k1, five times as fast as WebAssembly. Nothing is thrown where koffi, the library or one of its
 * modules is absent, or where it disagrees with the portable backend over known cases. Every thread loads its own.
 */
export function loadNativeSecp256k1(options: NativeSecp256k1Options = {}): NativeSecp256k1 {
  const names = options.libraryNames ?? LIBRARY_NAMES[process.platform] ?? LIBRARY_NAMES_ELSEWHERE;
  const libraryHint = LIBRARY_HINTS[process.platform] ?? LIBRARY_HINT_ELSEWHERE;
  let koffi: Koffi;
  try {
    // Not an import: koffi may be absent, and its binary must stay a file where programs are bundled.
    koffi = (options.importKoffi?.() ?? createRequire(import.meta.url)("koffi")) as Koffi;
  } catch (error) {
    return { reason: `koffi cannot be loaded: ${firstLine(error)}`, hint: KOFFI_HINT };
  }
  let reason = `libsecp256k1 is not installed (looked for ${names.join(", ")})`;
  for (const name of names) {
    let library: ReturnType<Koffi["load"]>;
    try {
      library = koffi.load(name);
    } catch {
      continue;
    }
    try {
      const backend = nativeBackend(name, koffi, library);
      const disagreement = disagreementWithPortable(backend);
      if (disagreement === undefined) return { backend };
      reason = `${name} fails the self-test: ${disagreement}`;
    } catch (error) {
      reason = `${name} cannot be used: ${firstLine(error)}`;
    }
  }
  return { reason, hint: libraryHint };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n", 1)[0]!;
}

const CONTEXT_NONE = 1;
const COMPRESSED = 0x102;
const UNCOMPRESSED = 0x002;

/** Parsed keys kept by their bytes, each in the slot that its last byte of x chooses: wallets spend with few keys. */
const KEY_SLOTS = 256;
const PARSED_KEY_SIZE = 64;

/** Where each argument lies in the memory shared with the library. Sizes of opaque structures are part of its interface. */
const OFFSETS = {
  signature: 0,
  messageHash: 64,
  parsedSignature: 128,
  key: 192,
  parsedKey: 320,
  otherKey: 384,
  tweak: 448,
  privateKey: 512,
  keypair: 576,
  output: 704,
  number: 832,
  slots: 896,
} as const;
const MEMORY_SIZE = OFFSETS.slots + KEY_SLOTS * PARSED_KEY_SIZE;

/** The functions used. `P` is a pointer. One that the library lacks makes `func` throw. */
function bindFunctions(library: ReturnType<Koffi["load"]>) {
  const P = "uint8_t *";
  const bind = (name: string, ...parameters: string[]) => library.func(`secp256k1_${name}`, "int", [P, ...parameters]);
  return {
    parseKey: bind("ec_pubkey_parse", P, P, "size_t"),
    serializeKey: bind("ec_pubkey_serialize", P, P, P, "uint"),
    keyOf: bind("ec_pubkey_create", P, P),
    tweakKey: bind("ec_pubkey_tweak_add", P, P),
    verifySecret: bind("ec_seckey_verify", P),
    parseSignature: bind("ecdsa_signature_parse_compact", P, P),
    serializeSignature: bind("ecdsa_signature_serialize_compact", P, P),
    normalizeSignature: bind("ecdsa_signature_normalize", P, P),
    verifyEcdsa: bind("ecdsa_verify", P, P, P),
    signEcdsa: bind("ecdsa_sign", P, P, P, P, P),
    parseXOnly: bind("xonly_pubkey_parse", P, P),
    serializeXOnly: bind("xonly_pubkey_serialize", P, P),
    xOnlyOf: bind("xonly_pubkey_from_pubkey", P, P, P),
    tweakXOnly: bind("xonly_pubkey_tweak_add", P, P, P),
    checkXOnlyTweak: bind("xonly_pubkey_tweak_add_check", P, "int", P, P),
    keypair: bind("keypair_create", P, P),
    tweakKeypair: bind("keypair_xonly_tweak_add", P, P),
    secretOfKeypair: bind("keypair_sec", P, P),
    verifySchnorr: bind("schnorrsig_verify", P, P, "size_t", P),
    signSchnorr: bind("schnorrsig_sign32", P, P, P, P),
    randomize: bind("context_randomize", P),
  };
}

function nativeBackend(name: string, koffi: Koffi, library: ReturnType<Koffi["load"]>): Secp256k1 {
  const native = bindFunctions(library);
  const createContext = library.func("secp256k1_context_create", "void *", ["uint"]) as (flags: number) => unknown;
  const context = createContext(CONTEXT_NONE) as bigint;

  // One allocation outside the engine's moving heap: its address holds as long as `memory`, which the closures keep.
  const memory = new Uint8Array(new ArrayBuffer(MEMORY_SIZE));
  const base = koffi.address(memory);
  const addressOf = (offset: number) => base + BigInt(offset);
  const at = Object.fromEntries(Object.entries(OFFSETS).map(([field, offset]) => [field, addressOf(offset)])) as Record<
    keyof typeof OFFSETS,
    bigint
  >;
  const numberView = new DataView(memory.buffer, OFFSETS.number, 8);
  const slotAddresses = Array.from({ length: KEY_SLOTS }, (_, slot) =>
    addressOf(OFFSETS.slots + slot * PARSED_KEY_SIZE),
  );
  const slotKeys: (Uint8Array | undefined)[] = new Array(KEY_SLOTS).fill(undefined);

  // Blinds signing against side channels; verification does not use it.
  memory.set(randomBytes(32), OFFSETS.tweak);
  native.randomize(context, at.tweak);

  /** Where the parsed form of a key lies, or `undefined` where it is no key. */
  function parsedKey(publicKey: Uint8Array): bigint | undefined {
    const size = publicKey.length;
    if (size !== COMPRESSED_KEY_SIZE && size !== UNCOMPRESSED_KEY_SIZE) return undefined;
    const slot = publicKey[COMPRESSED_KEY_SIZE - 1]!;
    const address = slotAddresses[slot]!;
    const known = slotKeys[slot];
    if (known !== undefined && compareBytes(known, publicKey) === 0) return address;
    memory.set(publicKey, OFFSETS.key);
    // The library clears the slot also where it refuses the key.
    slotKeys[slot] = undefined;
    if (native.parseKey(context, address, at.key, size) !== 1) return undefined;
    slotKeys[slot] = Uint8Array.from(publicKey);
    return address;
  }

  function putPrivateKey(privateKey: Uint8Array): void {
    requireArgument(backend.isPrivateKey(privateKey), "a private key");
    memory.set(privateKey, OFFSETS.privateKey);
  }

  /** Parses an x coordinate; false where it is none of the curve. */
  function putXOnly(x: Uint8Array): boolean {
    if (x.length !== X_ONLY_KEY_SIZE) return false;
    memory.set(x, OFFSETS.key);
    return native.parseXOnly(context, at.parsedKey, at.key) === 1;
  }

  function clearSecrets(): void {
    memory.fill(0, OFFSETS.privateKey, OFFSETS.output);
  }

  const copyOf = (offset: number, size: number) => memory.slice(offset, offset + size);

  const backend: Secp256k1 = {
    name: `native (${name.slice(name.lastIndexOf("/") + 1)})`,

    verifyEcdsa(signature, messageHash, publicKey) {
      if (signature.length !== SIGNATURE_SIZE || messageHash.length !== MESSAGE_HASH_SIZE) return false;
      const key = parsedKey(publicKey);
      if (key === undefined) return false;
      memory.set(signature, OFFSETS.signature);
      memory.set(messageHash, OFFSETS.messageHash);
      if (native.parseSignature(context, at.parsedSignature, at.signature) !== 1) return false;
      // The library verifies low s alone; a high one is the same signature with s negated.
      if (!hasLowS(signature)) native.normalizeSignature(context, at.parsedSignature, at.parsedSignature);
      return native.verifyEcdsa(context, at.parsedSignature, at.messageHash, key) === 1;
    },

    verifySchnorr(signature, messageHash, xOnlyPublicKey) {
      if (signature.length !== SIGNATURE_SIZE || messageHash.length !== MESSAGE_HASH_SIZE) return false;
      if (!putXOnly(xOnlyPublicKey)) return false;
      memory.set(signature, OFFSETS.signature);
      memory.set(messageHash, OFFSETS.messageHash);
      return native.verifySchnorr(context, at.signature, at.messageHash, MESSAGE_HASH_SIZE, at.parsedKey) === 1;
    },

    verifyXOnlyTweak(outputX, outputParity, internalX, tweak) {
      if (outputX.length !== X_ONLY_KEY_SIZE || tweak.length !== 32 || !putXOnly(internalX)) return false;
      memory.set(outputX, OFFSETS.otherKey);
      memory.set(tweak, OFFSETS.tweak);
      return native.checkXOnlyTweak(context, at.otherKey, outputParity, at.parsedKey, at.tweak) === 1;
    },

    isPublicKey(publicKey) {
      return parsedKey(publicKey) !== undefined;
    },

    isPrivateKey(key) {
      return key.length === PRIVATE_KEY_SIZE && compareBytes(key, CURVE_ORDER) < 0 && !isZeroScalar(key, 0);
    },

    publicKeyOf(privateKey, compressed) {
      putPrivateKey(privateKey);
      native.keyOf(context, at.parsedKey, at.privateKey);
      clearSecrets();
      const size = compressed ? COMPRESSED_KEY_SIZE : UNCOMPRESSED_KEY_SIZE;
      // A size_t, of which no supported platform reads more than these eight bytes.
      numberView.setBigUint64(0, BigInt(size), true);
      native.serializeKey(context, at.output, at.number, at.parsedKey, compressed ? COMPRESSED : UNCOMPRESSED);
      return copyOf(OFFSETS.output, size);
    },

    signEcdsa(messageHash, privateKey, extraEntropy) {
      requireArgument(messageHash.length === MESSAGE_HASH_SIZE, "a message hash of 32 bytes");
      requireArgument((extraEntropy?.length ?? 32) === 32, "32 bytes of extra entropy");
      putPrivateKey(privateKey);
      memory.set(messageHash, OFFSETS.messageHash);
      if (extraEntropy !== undefined) memory.set(extraEntropy, OFFSETS.tweak);
      const extra = extraEntropy === undefined ? null : at.tweak;
      const signed = native.signEcdsa(context, at.parsedSignature, at.messageHash, at.privateKey, null, extra);
      clearSecrets();
      requireArgument(signed === 1, "a message hash that can be signed");
      native.serializeSignature(context, at.signature, at.parsedSignature);
      return copyOf(OFFSETS.signature, SIGNATURE_SIZE);
    },

    signSchnorr(messageHash, privateKey, auxiliary) {
      requireArgument(messageHash.length === MESSAGE_HASH_SIZE, "a message hash of 32 bytes");
      requireArgument(auxiliary.length === 32, "32 bytes of auxiliary randomness");
      putPrivateKey(privateKey);
      memory.set(messageHash, OFFSETS.messageHash);
      memory.set(auxiliary, OFFSETS.tweak);
      native.keypair(context, at.keypair, at.privateKey);
      const signed = native.signSchnorr(context, at.signature, at.messageHash, at.keypair, at.tweak);
      clearSecrets();
      requireArgument(signed === 1, "a message hash that can be signed");
      return copyOf(OFFSETS.signature, SIGNATURE_SIZE);
    },

    tweakXOnly(internalX, tweak) {
      if (tweak.length !== 32 || !putXOnly(internalX)) return undefined;
      memory.set(tweak, OFFSETS.tweak);
      if (native.tweakXOnly(context, at.otherKey, at.parsedKey, at.tweak) !== 1) return undefined;
      native.xOnlyOf(context, at.parsedKey, at.number, at.otherKey);
      native.serializeXOnly(context, at.output, at.parsedKey);
      return { x: copyOf(OFFSETS.output, X_ONLY_KEY_SIZE), parity: numberView.getInt32(0, true) === 0 ? 0 : 1 };
    },

    tweakPublicKey(publicKey, tweak) {
      if (publicKey.length !== COMPRESSED_KEY_SIZE || tweak.length !== 32) return undefined;
      memory.set(publicKey, OFFSETS.key);
      memory.set(tweak, OFFSETS.tweak);
      if (native.parseKey(context, at.parsedKey, at.key, COMPRESSED_KEY_SIZE) !== 1) return undefined;
      if (native.tweakKey(context, at.parsedKey, at.tweak) !== 1) return undefined;
      numberView.setBigUint64(0, BigInt(COMPRESSED_KEY_SIZE), true);
      native.serializeKey(context, at.output, at.number, at.parsedKey, COMPRESSED);
      return copyOf(OFFSETS.output, COMPRESSED_KEY_SIZE);
    },

    tweakPrivateKey(privateKey, tweak) {
      putPrivateKey(privateKey);
      if (tweak.length !== 32) return undefined;
      memory.set(tweak, OFFSETS.tweak);
      native.keypair(context, at.keypair, at.privateKey);
      const tweaked = native.tweakKeypair(context, at.keypair, at.tweak) === 1;
      if (tweaked) native.secretOfKeypair(context, at.privateKey, at.keypair);
      const key = tweaked ? copyOf(OFFSETS.privateKey, PRIVATE_KEY_SIZE) : undefined;
      clearSecrets();
      return key;
    },
  };
  return backend;
}
