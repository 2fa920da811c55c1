import type { NetworkEndpoint } from "./network-address.ts";

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
  /** UTF-8 as sent, unsanitised; absent fields of old peers have their defaults ("", 0, true). */
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
