import { Reader } from "../bytes/cursor.ts";
import { type MessageCodec, PAYLOAD_SIZE_MAX } from "./codec.ts";
import {
  type BlockTransactionsMessage,
  blockTransactionsCodec,
  type CompactBlockMessage,
  compactBlockCodec,
  type GetBlockTransactionsMessage,
  getBlockTransactionsCodec,
} from "./compact-blocks.ts";
import {
  type EmptyMessage,
  emptyCodec,
  type FeatureMessage,
  type FeeFilterMessage,
  featureCodec,
  feeFilterCodec,
  type PingMessage,
  type PongMessage,
  pingCodec,
  pongCodec,
  type SendCompactMessage,
  type SendReconciliationMessage,
  sendCompactCodec,
  sendReconciliationCodec,
  type VersionMessage,
  versionCodec,
} from "./control.ts";
import { type AddressesMessage, addressesCodec } from "./discovery.ts";
import {
  type FilterAddMessage,
  type FilterCheckpointsMessage,
  type FilterCheckpointsRequestMessage,
  type FilterHeadersMessage,
  type FilterLoadMessage,
  type FilterMessage,
  type FiltersRequestMessage,
  filterAddCodec,
  filterCheckpointsCodec,
  filterCheckpointsRequestCodec,
  filterCodec,
  filterHeadersCodec,
  filterLoadCodec,
  filtersRequestCodec,
  type MerkleBlockMessage,
  merkleBlockCodec,
} from "./light-client.ts";
import {
  type BlockMessage,
  blockCodec,
  type HeadersMessage,
  headersCodec,
  type InventoryMessage,
  inventoryCodec,
  type LocatorMessage,
  locatorCodec,
  type TransactionMessage,
  transactionCodec,
} from "./relay.ts";

/** Every message of the peer protocol, by its `type`: the name it has on the wire. */
export type Message =
  | AddressesMessage
  | BlockMessage
  | BlockTransactionsMessage
  | CompactBlockMessage
  | EmptyMessage
  | FeatureMessage
  | FeeFilterMessage
  | FilterAddMessage
  | FilterCheckpointsMessage
  | FilterCheckpointsRequestMessage
  | FilterHeadersMessage
  | FilterLoadMessage
  | FilterMessage
  | FiltersRequestMessage
  | GetBlockTransactionsMessage
  | HeadersMessage
  | InventoryMessage
  | LocatorMessage
  | MerkleBlockMessage
  | PingMessage
  | PongMessage
  | SendCompactMessage
  | SendReconciliationMessage
  | TransactionMessage
  | VersionMessage;

export type MessageType = Message["type"];

/** The message of a type. */
export type MessageOf<Type extends MessageType> = Select<Message, Type>;

/** `Extract` would find nothing where one interface has several types. */
type Select<Each extends Message, Type> = Each extends Message
  ? Type extends Each["type"]
    ? Each & { readonly type: Type }
    : never
  : never;

/** Every message type, in the order in which Core lists them. */
const CODECS: { readonly [Type in MessageType]: MessageCodec<MessageOf<Type>> } = {
  version: versionCodec,
  verack: emptyCodec("verack"),
  addr: addressesCodec("addr"),
  addrv2: addressesCodec("addrv2"),
  sendaddrv2: emptyCodec("sendaddrv2"),
  inv: inventoryCodec("inv"),
  getdata: inventoryCodec("getdata"),
  merkleblock: merkleBlockCodec,
  getblocks: locatorCodec("getblocks"),
  getheaders: locatorCodec("getheaders"),
  tx: transactionCodec,
  headers: headersCodec,
  block: blockCodec,
  getaddr: emptyCodec("getaddr"),
  mempool: emptyCodec("mempool"),
  ping: pingCodec,
  pong: pongCodec,
  notfound: inventoryCodec("notfound"),
  filterload: filterLoadCodec,
  filteradd: filterAddCodec,
  filterclear: emptyCodec("filterclear"),
  sendheaders: emptyCodec("sendheaders"),
  feefilter: feeFilterCodec,
  sendcmpct: sendCompactCodec,
  cmpctblock: compactBlockCodec,
  getblocktxn: getBlockTransactionsCodec,
  blocktxn: blockTransactionsCodec,
  getcfilters: filtersRequestCodec("getcfilters"),
  cfilter: filterCodec,
  getcfheaders: filtersRequestCodec("getcfheaders"),
  cfheaders: filterHeadersCodec,
  getcfcheckpt: filterCheckpointsRequestCodec,
  cfcheckpt: filterCheckpointsCodec,
  wtxidrelay: emptyCodec("wtxidrelay"),
  sendtxrcncl: sendReconciliationCodec,
  feature: featureCodec,
};

/** A Map, since a peer may name a message `constructor`. */
const CODEC_OF_TYPE: ReadonlyMap<string, MessageCodec<Message>> = new Map(Object.entries(CODECS));

/** Names of the messages we know, as they stand on the wire. */
export const MESSAGE_TYPES: readonly MessageType[] = Object.keys(CODECS) as MessageType[];

/** Whether `type` is one of {@link MESSAGE_TYPES}. */
export function isMessageType(type: string): type is MessageType {
  return CODEC_OF_TYPE.has(type);
}

/**
 * Bytes that a message of `type` needs at most within the limits of the protocol; for types we do not know, what the transport
 * carries. Longer payloads are no fault, since what stands behind the last field is ignored: see {@link decodeMessage}.
 */
export function maxPayloadSize(type: string): number {
  return CODEC_OF_TYPE.get(type)?.payloadSizeMax ?? PAYLOAD_SIZE_MAX;
}

/**
 * The message in `payload`, or `undefined` for a type we do not know. Bytes behind the last field are ignored, as Core
 * does. Throws `DecodeError` for bytes that are no such message: Core logs it and goes on with the next message, save
 * where it is a `ProtocolViolation`, which says what happens to the peer.
 *
 * Nothing is copied but headers and network addresses: blocks, transactions, hashes and filters are views of `payload`. The
 * message therefore owns `payload`, which nobody writes into again. Who keeps a small part of a large message, such as one
 * transaction of a `blocktxn`, copies it, or the whole payload stays in memory.
 */
export function decodeMessage(type: string, payload: Uint8Array): Message | undefined {
  return CODEC_OF_TYPE.get(type)?.decode(new Reader(payload));
}

/**
 * Name and payload of a message. Blocks and transactions are sent as the bytes they keep, so nobody writes into the payload.
 * Throws `RangeError` where a field does not fit its place.
 */
export function encodeMessage(message: Message): { readonly type: MessageType; readonly payload: Uint8Array } {
  const codec: MessageCodec<Message> | undefined = CODEC_OF_TYPE.get(message.type);
  if (codec === undefined) throw new RangeError(`there is no message ${message.type}`);
  return { type: message.type, payload: codec.encode(message) };
}
