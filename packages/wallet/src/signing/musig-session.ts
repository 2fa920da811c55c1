import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { nonceAggregate, Session } from "@scure/btc-signer/musig2.js";
import { aggregatePublicKey } from "../keys/musig.ts";

/** BIP327: a number added to an aggregate key, to the point itself or to the one of even y with the same x. */
export interface MusigTweak {
  readonly tweak: Uint8Array;
  readonly xOnly: boolean;
}

/** What several people sign together, when everybody's nonce is known. */
export interface MusigSession {
  /** Compressed, in the order in which they are aggregated. */
  readonly participants: readonly Uint8Array[];
  /** Compressed: what they aggregate to. */
  readonly aggregateKey: Uint8Array;
  /** What is added to it before it signs. */
  readonly tweaks: readonly MusigTweak[];
  /** 66 bytes of each participant, in their order. */
  readonly publicNonces: readonly Uint8Array[];
  /** The hash that is signed. */
  readonly message: Uint8Array;
}

/**
 * BIP327: one participant's part of the signature (32 bytes). The secret nonce is taken when everything else is known to be in
 * order, is used once, and is overwritten then whatever happens. `undefined` where the parts of others are malformed, the key
 * is not theirs, or there is no such nonce.
 */
export function partialSignature(
  session: MusigSession,
  privateKey: Uint8Array,
  takeNonce: () => Uint8Array | undefined,
): Uint8Array | undefined {
  const { participants, aggregateKey } = session;
  if (!equalBytes(aggregatePublicKey(participants) ?? NO_KEY, aggregateKey)) return undefined;
  const opened = open(session);
  const secretNonce = opened && takeNonce();
  if (opened === undefined || secretNonce === undefined) return undefined;
  try {
    // The library verifies what it made: a fault while signing must not give away the key.
    return opened.sign(secretNonce, privateKey);
  } finally {
    secretNonce.fill(0);
  }
}

/**
 * BIP327: the one signature (64 bytes) of all participants, whose parts are in their order; `undefined` where a part is
 * malformed. Whether the parts are right shows when the signature is verified.
 */
export function aggregateSignature(
  session: MusigSession,
  partialSignatures: readonly Uint8Array[],
): Uint8Array | undefined {
  const opened = open(session);
  return opened && attempt(() => opened.partialSigAgg([...partialSignatures]));
}

function open({ participants, tweaks, publicNonces, message }: MusigSession): Session | undefined {
  const numbers = tweaks.map(({ tweak }) => tweak);
  const xOnly = tweaks.map((tweak) => tweak.xOnly);
  return attempt(() => new Session(nonceAggregate([...publicNonces]), [...participants], message, numbers, xOnly));
}

const NO_KEY = new Uint8Array(33);

/** The library tells that bytes from outside are no key, nonce or number by throwing. */
function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
