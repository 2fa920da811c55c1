import { isMessageType, MESSAGE_TYPE_SIZE, readMessageType, writeMessageType } from "./transport-message-type.ts";

/**
 * What a message's first byte in a v2 packet stands for (BIP324, and BIP434's number 37), by index. Zero says that the
 * name follows in twelve bytes. The numbers of BIP183 are given away and of no use to us: as in Core they are a type
 * without a name, which nobody knows.
 */
export const V2_MESSAGE_TYPES: readonly string[] = [
  ...[
    "",
    "addr",
    "block",
    "blocktxn",
    "cmpctblock",
    "feefilter",
    "filteradd",
    "filterclear",
    "filterload",
    "getblocks",
  ],
  ...["getblocktxn", "getdata", "getheaders", "headers", "inv", "mempool", "merkleblock", "notfound", "ping", "pong"],
  ...["sendcmpct", "tx", "getcfilters", "cfilter", "getcfheaders", "cfheaders", "getcfcheckpt", "cfcheckpt", "addrv2"],
  ...["", "", "", "", "", "", "", ""],
  "feature",
];

const IDS = new Map(
  V2_MESSAGE_TYPES.map((type, id) => [type, id]).filter(([type]) => type !== "") as [string, number][],
);

const LONG_TYPE_SIZE = 1 + MESSAGE_TYPE_SIZE;

/** Of the names in twelve bytes, Core takes this character too where it comes encrypted, and not in v1. */
const LAST_CHARACTER = 0x7f;

/** What stands before the payload: one byte where the type has a number, else thirteen. Throws `RangeError` on what is no name. */
export function encodeV2MessageType(type: string): Uint8Array {
  const id = IDS.get(type);
  if (id !== undefined) return Uint8Array.of(id);
  const bytes = new Uint8Array(LONG_TYPE_SIZE);
  writeMessageType(type, bytes, 1);
  return bytes;
}

/** A packet's contents as type and payload, the payload as a view; `undefined` where they begin with no type. */
export function decodeV2Contents(contents: Uint8Array): { type: string; payload: Uint8Array } | undefined {
  const id = contents[0];
  if (id === undefined) return undefined;
  if (id !== 0) {
    const type = V2_MESSAGE_TYPES[id];
    return type === undefined ? undefined : { type, payload: contents.subarray(1) };
  }
  if (contents.length < LONG_TYPE_SIZE) return undefined;
  const field = contents.subarray(1, LONG_TYPE_SIZE);
  if (!isMessageType(field, LAST_CHARACTER)) return undefined;
  return { type: readMessageType(field), payload: contents.subarray(LONG_TYPE_SIZE) };
}
