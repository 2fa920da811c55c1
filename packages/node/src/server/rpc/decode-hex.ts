import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader } from "@bitfleet/protocol/bytes/cursor.ts";

/** What a hex text encodes. As Core, bytes behind it are not looked at. */
export function decodeHex<Value>(hex: string, decode: (reader: Reader) => Value): Value | undefined {
  const bytes = hex === "" ? undefined : tryFromHex(hex);
  if (bytes === undefined) return undefined;
  try {
    return decode(new Reader(bytes));
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
