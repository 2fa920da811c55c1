import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { keyAggregate, nonceAggregate, Session } from "@scure/btc-signer/musig2.js";

/** BIP327: a number added to an aggregate key, to the point itself or to the one of even y with the same x. */
export interface MusigTweak {
  readonly tweak: Uint8Array;
  readonly xOnly: boolean;
}

/** What several people sign together, when everybody's nonce is known. */
export interface MusigSession {
  /** Compressed, in the order in which they are aggregated. */
  readonly participants: readonly Uint8Array[];
  readonly tweaks: readonly MusigTweak[];
  /** Compressed: what participants and tweaks make. */
  readonly signingKey: Uint8Array;
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
  if (!isOfParticipants(session)) return undefined;
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

function isOfParticipants({ participants, tweaks, signingKey }: MusigSession): boolean {
  const made = attempt(() => keyAggregate([...participants], ...tweakLists(tweaks)).aggPublicKey.toBytes(true));
  return made !== undefined && equalBytes(made, signingKey);
}

function open({ participants, tweaks, publicNonces, message }: MusigSession): Session | undefined {
  return attempt(
    () => new Session(nonceAggregate([...publicNonces]), [...participants], message, ...tweakLists(tweaks)),
  );
}

const tweakLists = (tweaks: readonly MusigTweak[]): [Uint8Array[], boolean[]] => [
  tweaks.map(({ tweak }) => tweak),
  tweaks.map(({ xOnly }) => xOnly),
];

/** The library tells that bytes from outside are no key, nonce or number by throwing. */
function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
