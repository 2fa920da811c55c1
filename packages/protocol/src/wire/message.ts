import type { BlockTransactionsMessage, CompactBlockMessage, GetBlockTransactionsMessage } from "./compact-blocks.ts";
import type {
  EmptyMessage,
  FeatureMessage,
  FeeFilterMessage,
  PingMessage,
  PongMessage,
  SendCompactMessage,
  SendReconciliationMessage,
  VersionMessage,
} from "./control.ts";
import type { AddressesMessage } from "./discovery.ts";
import type {
  FilterAddMessage,
  FilterCheckpointsMessage,
  FilterCheckpointsRequestMessage,
  FilterHeadersMessage,
  FilterLoadMessage,
  FilterMessage,
  FiltersRequestMessage,
  MerkleBlockMessage,
} from "./light-client.ts";
import type { BlockMessage, HeadersMessage, InventoryMessage, LocatorMessage, TransactionMessage } from "./relay.ts";

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
export type MessageOf<Type extends MessageType> = Extract<Message, { readonly type: Type }>;
