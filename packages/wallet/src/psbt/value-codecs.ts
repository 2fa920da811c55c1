import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { KeyOrigin } from "../keys/keys.ts";
import {
  addNew,
  type DecodeContext,
  type Draft,
  type KeyRow,
  keyed,
  type PairToRead,
  requireKeySize,
  UNKNOWN_TYPE,
  type ValueCodec,
} from "./key-table.ts";
import {
  type Entries,
  type KeyDerivation,
  type MusigParticipants,
  type ProprietaryPair,
  sortedValues,
  type TaprootDerivation,
  type UnknownPair,
} from "./psbt.ts";
import { refuse } from "./psbt-error.ts";

/** Values and pairs that stand in more than one of the maps. */

const COMPRESSED_SIZE = 33;
const UNCOMPRESSED_SIZE = 65;
const X_ONLY_SIZE = 32;
const HASH_SIZE = 32;
const FINGERPRINT_SIZE = 4;
const STEP_SIZE = 4;
const PROPRIETARY_TYPE = 0xfc;

/** A value of a fixed form, read past its end where its length is wrong, as Core reads. */
export function sized<Value>(
  read: (stream: Reader) => Value | undefined,
  write: (writer: Writer, value: Value) => void,
): ValueCodec<Value> {
  return {
    read(stream) {
      const size = stream.compactSize();
      const start = stream.offset;
      const value = read(stream);
      if (stream.offset - start !== size) refuse("Size of value was not the stated size");
      return value;
    },
    write,
  };
}

export const UINT8 = sized(
  (stream) => stream.uint8(),
  (writer, value: number) => writer.uint8(value),
);

export const UINT32 = sized(
  (stream) => stream.uint32(),
  (writer, value: number) => writer.uint32(value),
);

export const INT32 = sized(
  (stream) => stream.int32(),
  (writer, value: number) => writer.int32(value),
);

export const INT64 = sized(
  (stream) => stream.int64(),
  (writer, value: bigint) => writer.int64(value),
);

export const COMPACT_SIZE = sized(
  (stream) => stream.compactSize(),
  (writer, value: number) => writer.compactSize(value),
);

/** A script, also an empty one. */
export const ANY_SCRIPT: ValueCodec<Uint8Array> = {
  read: (stream) => stream.compactBytes(),
  write: (writer, script) => writer.bytes(script),
};

/** A script of which an empty one is none. */
export const SCRIPT: ValueCodec<Uint8Array> = {
  read: (stream) => nonEmpty(stream.compactBytes()),
  write: (writer, script) => writer.bytes(script),
};

const nonEmpty = (bytes: Uint8Array) => (bytes.length === 0 ? undefined : bytes);

/** 32 bytes of which all zeros are none. */
export const HASH_OR_NONE = sized<Uint8Array>(
  (stream) => {
    const hash = stream.bytes(HASH_SIZE);
    return isZero(hash) ? undefined : hash;
  },
  (writer, hash) => writer.bytes(hash),
);

export const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

export function requirePublicKey(key: Uint8Array, context: DecodeContext, message = "Invalid pubkey"): void {
  if (!context.secp256k1.isPublicKey(key)) refuse(message);
}

/** The public key that a key consists of besides its type. */
export function publicKeyOf({ keyData, context }: PairToRead, name: string): Uint8Array {
  if (keyData.length !== COMPRESSED_SIZE && keyData.length !== UNCOMPRESSED_SIZE) {
    refuse(`Size of key was not the expected size for the type ${name}`);
  }
  requirePublicKey(keyData, context);
  return keyData;
}

function readOrigin(stream: Reader, size: number): KeyOrigin {
  if (size % STEP_SIZE !== 0 || size === 0) refuse("Invalid length for HD key path");
  const fingerprint = stream.bytes(FINGERPRINT_SIZE);
  const path: number[] = [];
  for (let read = FINGERPRINT_SIZE; read < size; read += STEP_SIZE) path.push(stream.uint32());
  return { fingerprint, path };
}

export function writeOrigin(writer: Writer, { fingerprint, path }: KeyOrigin): void {
  writer.bytes(fingerprint);
  for (const step of path) writer.uint32(step);
}

/** A key origin behind its length. */
export const readOriginValue = (stream: Reader): KeyOrigin => readOrigin(stream, stream.compactSize());

export function originBytes(origin: KeyOrigin): Uint8Array {
  const writer = new Writer(FINGERPRINT_SIZE * (1 + origin.path.length));
  writeOrigin(writer, origin);
  return writer.finish();
}

/** Of maps that hold derivations of keys. */
interface WithDerivations {
  readonly derivations: Entries<KeyDerivation>;
}

export function derivationRow<Content extends WithDerivations>(
  type: number,
  options: Pick<KeyRow<Content>, "leftOutWhenFinal"> = {},
): KeyRow<Content> {
  return keyed<Content, KeyDerivation>(
    type,
    (content) => content.derivations,
    {
      read(entries, pair) {
        const publicKey = publicKeyOf(pair, "BIP32 keypath");
        addNew(entries, toHex(publicKey), { publicKey, origin: readOriginValue(pair.stream) });
      },
      write: ({ publicKey, origin }, add) => add(publicKey, originBytes(origin)),
    },
    options,
  );
}

interface WithTaprootDerivations {
  readonly taprootDerivations: Entries<TaprootDerivation>;
}

export function taprootDerivationRow<Content extends WithTaprootDerivations>(
  type: number,
  map: "Input" | "Output",
  options: Pick<KeyRow<Content>, "leftOutWhenFinal"> = {},
): KeyRow<Content> {
  return keyed<Content, TaprootDerivation>(
    type,
    (content) => content.taprootDerivations,
    {
      read(entries, { key, keyData, stream }) {
        requireKeySize(`${map} Taproot BIP32 Keypath`, key, 1 + X_ONLY_SIZE);
        const size = stream.compactSize();
        const start = stream.offset;
        const leafHashes = new Map<string, Uint8Array>();
        for (let left = stream.count(HASH_SIZE); left > 0; left--) {
          const hash = stream.bytes(HASH_SIZE);
          leafHashes.set(toHex(hash), hash);
        }
        const originSize = size - (stream.offset - start);
        if (originSize < 0) refuse(`${map} Taproot BIP32 keypath has an invalid length`);
        const origin = readOrigin(stream, originSize);
        addNew(entries, toHex(keyData), { xOnlyKey: keyData, leafHashes: sortedValues(leafHashes), origin });
      },
      write({ xOnlyKey, leafHashes, origin }, add) {
        const writer = new Writer().compactSize(leafHashes.length);
        for (const hash of leafHashes) writer.bytes(hash);
        writeOrigin(writer, origin);
        add(xOnlyKey, writer.finish());
      },
    },
    options,
  );
}

interface WithMusigParticipants {
  readonly musigParticipants: Entries<MusigParticipants>;
}

export function musigParticipantsRow<Content extends WithMusigParticipants>(
  type: number,
  map: "Input" | "Output",
  options: Pick<KeyRow<Content>, "leftOutWhenFinal"> = {},
): KeyRow<Content> {
  return keyed<Content, MusigParticipants>(
    type,
    (content) => content.musigParticipants,
    {
      read(entries, { key, keyData, stream, context }) {
        requireKeySize(`${map} MuSig2 Participants Pubkeys`, key, 1 + COMPRESSED_SIZE);
        requirePublicKey(keyData, context, `${map} musig2 aggregate pubkey is invalid`);
        const value = new Reader(stream.compactBytes());
        const participants: Uint8Array[] = [];
        while (value.remaining >= COMPRESSED_SIZE) {
          const participant = value.bytes(COMPRESSED_SIZE);
          requirePublicKey(participant, context, `${map} musig2 participant pubkey is invalid`);
          participants.push(participant);
        }
        if (value.remaining > 0) refuse(`${map} musig2 participants pubkeys value size is not a multiple of 33`);
        addNew(entries, toHex(keyData), { aggregateKey: keyData, participants });
      },
      write({ aggregateKey, participants }, add) {
        const writer = new Writer();
        for (const participant of participants) writer.bytes(participant);
        add(aggregateKey, writer.finish());
      },
    },
    options,
  );
}

/** Of every map. */
interface WithOtherPairs {
  readonly proprietary: Entries<ProprietaryPair>;
  readonly unknown: Entries<UnknownPair>;
}

export function proprietaryRow<Content extends WithOtherPairs>(): KeyRow<Content> {
  return {
    type: PROPRIETARY_TYPE,
    read(draft, { key, keyData, stream }) {
      const reader = new Reader(keyData);
      const identifier = reader.compactBytes();
      const subtype = reader.compactSize();
      const value = stream.compactBytes();
      (draft.proprietary as Map<string, ProprietaryPair>).set(toHex(key), { key, identifier, subtype, value });
    },
    write: writeAsTheyCame((content) => content.proprietary),
  };
}

export function unknownRow<Content extends WithOtherPairs>(): KeyRow<Content> {
  return {
    type: UNKNOWN_TYPE,
    read(draft: Draft<Content>, { key, stream }: PairToRead) {
      (draft.unknown as Map<string, UnknownPair>).set(toHex(key), { key, value: stream.compactBytes() });
    },
    write: writeAsTheyCame((content) => content.unknown),
  };
}

function writeAsTheyCame<Content>(entriesOf: (content: Content) => Entries<UnknownPair>): KeyRow<Content>["write"] {
  return (content, pairs) => {
    for (const { key, value } of sortedValues(entriesOf(content))) pairs.asItCame(key, value);
  };
}
