import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";

/** Bytes or text that are no PSBT; the message is Core's where Core has one. The only error that decoding throws. */
export class PsbtError extends Error {
  /**
   * `format`: the bytes are no PSBT. `base64`: the text is no base 64. `trailing`: something stands behind it. Core's calls
   * mark the first kind.
   */
  readonly kind: "format" | "base64" | "trailing";

  constructor(message: string, kind: PsbtError["kind"] = "format") {
    super(message);
    this.name = "PsbtError";
    this.kind = kind;
  }
}

/** What Core says where reading stops, by how the words of our reader begin. */
const CORE_WORDS: readonly (readonly [ours: string, core: string])[] = [
  ["unexpected end of data", "SpanReader::read(): end of data"],
  ["size too large", "ReadCompactSize(): size too large"],
  ["non-canonical", "non-canonical ReadCompactSize()"],
  ["superfluous witness", "Superfluous witness record"],
  ["unknown transaction optional", "Unknown transaction optional data"],
];

/** Runs `read`; a `DecodeError` comes out of it as a {@link PsbtError} in Core's words. */
export function withPsbtErrors<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw asPsbtError(error);
  }
}

/** A `DecodeError` as a {@link PsbtError} in Core's words; any other error as it is. */
export function asPsbtError(error: unknown): unknown {
  if (!(error instanceof DecodeError)) return error;
  const known = CORE_WORDS.find(([ours]) => error.message.startsWith(ours));
  return new PsbtError(known?.[1] ?? error.message);
}

/** Throws {@link PsbtError}. */
export function refuse(message: string): never {
  throw new PsbtError(message);
}
