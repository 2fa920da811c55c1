import { EMPTY_BYTES } from "../bytes/bytes.ts";
import { DecodeError, type Reader, Writer } from "../bytes/cursor.ts";
import { encodeText, type MessageCodec, ProtocolViolation, readText } from "./codec.ts";
import { type NetworkEndpoint, readEndpoint, UNSPECIFIED_ENDPOINT, writeEndpoint } from "./network-address.ts";

/** Longest user agent that is accepted, in bytes. */
export const USER_AGENT_SIZE_MAX = 256;

/** An endpoint as `version` has it: with service bits, without a time. */
export interface VersionEndpoint extends NetworkEndpoint {
  readonly services: bigint;
}

export interface VersionMessage {
  readonly type: "version";
  readonly version: number;
  readonly services: bigint;
  /** Seconds since 1970, signed. */
  readonly timeSeconds: bigint;
  readonly receiver: VersionEndpoint;
  readonly sender: VersionEndpoint;
  /** Random, to notice connections to oneself. */
  readonly nonce: bigint;
  /** UTF-8 as sent, unsanitised; fields that old peers leave out have their defaults ("", -1, true). */
  readonly userAgent: string;
  readonly startingHeight: number;
  /** BIP37: announce transactions. */
  readonly relaysTransactions: boolean;
}

/** BIP31. `nonce` is absent in pings of peers before version 60001. */
export interface PingMessage {
  readonly type: "ping";
  readonly nonce: bigint | undefined;
}

/** The answer to a ping; payloads too short for a nonce are kept apart, since they count as a failed ping. */
export interface PongMessage {
  readonly type: "pong";
  readonly nonce: bigint | undefined;
}

/** BIP133: announce no transaction below this feerate. */
export interface FeeFilterMessage {
  readonly type: "feefilter";
  readonly feerateSatPerKvb: bigint;
}

/** BIP152. */
export interface SendCompactMessage {
  readonly type: "sendcmpct";
  /** Announce new blocks by `cmpctblock` at once. */
  readonly highBandwidth: boolean;
  readonly version: bigint;
}

/** BIP434. */
export interface FeatureMessage {
  readonly type: "feature";
  readonly featureId: string;
  readonly data: Uint8Array;
}

/** BIP330. */
export interface SendReconciliationMessage {
  readonly type: "sendtxrcncl";
  readonly version: number;
  readonly salt: bigint;
}

/** Messages without payload (what a peer appends to them is ignored): BIP339, BIP155, BIP130, BIP35, BIP37. */
export interface EmptyMessage {
  readonly type: "verack" | "wtxidrelay" | "sendaddrv2" | "sendheaders" | "getaddr" | "mempool" | "filterclear";
}

/** BIP434: bytes of a feature's name and of its data. */
export const FEATURE_ID_SIZE_MIN = 4;
export const FEATURE_ID_SIZE_MAX = 80;
export const FEATURE_DATA_SIZE_MAX = 512;

/** What peers are taken to mean that end their `version` early, as old ones do. */
const VERSION_DEFAULTS = {
  sender: { services: 0n, ...UNSPECIFIED_ENDPOINT },
  nonce: 1n,
  userAgent: "",
  startingHeight: -1,
  relaysTransactions: true,
} as const satisfies Partial<VersionMessage>;

/** A message may end behind the receiver's address, and then behind each further field, the sender and the nonce being one. */
export const versionCodec: MessageCodec<VersionMessage> = {
  payloadSizeMax: 344,
  decode(reader) {
    const version = reader.int32();
    const services = reader.uint64();
    const timeSeconds = reader.int64();
    const receiver = readVersionEndpoint(reader);
    const hasSender = reader.remaining > 0;
    const sender = hasSender ? readVersionEndpoint(reader) : VERSION_DEFAULTS.sender;
    const nonce = hasSender ? reader.uint64() : VERSION_DEFAULTS.nonce;
    const userAgent = reader.remaining > 0 ? readText(reader, USER_AGENT_SIZE_MAX) : VERSION_DEFAULTS.userAgent;
    const startingHeight = reader.remaining > 0 ? reader.int32() : VERSION_DEFAULTS.startingHeight;
    const relaysTransactions = reader.remaining > 0 ? reader.uint8() !== 0 : VERSION_DEFAULTS.relaysTransactions;
    const start = { type: "version", version, services, timeSeconds, receiver, sender } as const;
    return { ...start, nonce, userAgent, startingHeight, relaysTransactions };
  },
  encode(message) {
    const writer = new Writer().int32(message.version).uint64(message.services).int64(message.timeSeconds);
    writeVersionEndpoint(writer, message.receiver);
    writeVersionEndpoint(writer, message.sender);
    writer.uint64(message.nonce).compactBytes(encodeText(message.userAgent, USER_AGENT_SIZE_MAX));
    return writer
      .int32(message.startingHeight)
      .uint8(message.relaysTransactions ? 1 : 0)
      .finish();
  },
};

function readVersionEndpoint(reader: Reader): VersionEndpoint {
  const services = reader.uint64();
  return { services, ...readEndpoint(reader, "v1") };
}

function writeVersionEndpoint(writer: Writer, endpoint: VersionEndpoint): void {
  writer.uint64(endpoint.services);
  writeEndpoint(writer, endpoint, "v1");
}

export const pingCodec: MessageCodec<PingMessage> = {
  payloadSizeMax: 8,
  decode: (reader) => ({ type: "ping", nonce: reader.remaining === 0 ? undefined : reader.uint64() }),
  encode: encodeNonce,
};

export const pongCodec: MessageCodec<PongMessage> = {
  payloadSizeMax: 8,
  decode: (reader) => ({ type: "pong", nonce: reader.remaining < 8 ? undefined : reader.uint64() }),
  encode: encodeNonce,
};

function encodeNonce({ nonce }: PingMessage | PongMessage): Uint8Array {
  const writer = new Writer(8);
  return nonce === undefined ? writer.finish() : writer.uint64(nonce).finish();
}

export const feeFilterCodec: MessageCodec<FeeFilterMessage> = {
  payloadSizeMax: 8,
  decode: (reader) => ({ type: "feefilter", feerateSatPerKvb: reader.int64() }),
  encode: ({ feerateSatPerKvb }) => new Writer(8).int64(feerateSatPerKvb).finish(),
};

export const sendCompactCodec: MessageCodec<SendCompactMessage> = {
  payloadSizeMax: 9,
  decode(reader) {
    const announce = reader.uint8();
    const version = reader.uint64();
    // BIP152: the byte is a boolean and must be 0 or 1.
    if (announce > 1) throw new ProtocolViolation("invalid sendcmpct announce field", "misbehaving", 0);
    return { type: "sendcmpct", highBandwidth: announce === 1, version };
  },
  encode: ({ highBandwidth, version }) =>
    new Writer(9)
      .uint8(highBandwidth ? 1 : 0)
      .uint64(version)
      .finish(),
};

/** BIP434 allows nothing behind the data, and every fault in the payload ends the connection. */
export const featureCodec: MessageCodec<FeatureMessage> = {
  payloadSizeMax: 1 + FEATURE_ID_SIZE_MAX + 3 + FEATURE_DATA_SIZE_MAX,
  decode(reader) {
    try {
      return readFeature(reader);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new ProtocolViolation("invalid feature payload", "disconnect", error.offset);
    }
  },
  encode: ({ featureId, data }) =>
    new Writer().compactBytes(encodeText(featureId, FEATURE_ID_SIZE_MAX)).compactBytes(data).finish(),
};

function readFeature(reader: Reader): FeatureMessage {
  const featureId = readText(reader, FEATURE_ID_SIZE_MAX);
  if (reader.offset < 1 + FEATURE_ID_SIZE_MIN) reader.fail("feature name too short");
  const data = reader.compactBytes(FEATURE_DATA_SIZE_MAX);
  reader.end();
  return { type: "feature", featureId, data };
}

export const sendReconciliationCodec: MessageCodec<SendReconciliationMessage> = {
  payloadSizeMax: 12,
  decode(reader) {
    const version = reader.uint32();
    const salt = reader.uint64();
    return { type: "sendtxrcncl", version, salt };
  },
  encode: ({ version, salt }) => new Writer(12).uint32(version).uint64(salt).finish(),
};

/** The codec of a message that its name says all of. */
export function emptyCodec<Type extends EmptyMessage["type"]>(
  type: Type,
): MessageCodec<EmptyMessage & { readonly type: Type }> {
  return { payloadSizeMax: 0, decode: () => ({ type }), encode: () => EMPTY_BYTES };
}
