import { Literal, Union } from "typebox";
import { hashText, integer, nullable, sats, text } from "../schema.ts";
import { eventOf } from "./event-schema.ts";

/** Events of the topics `transactions` and `address:…`. */

export const RemovalReason = Union(
  [Literal("conflict"), Literal("replaced"), Literal("expiry"), Literal("sizelimit"), Literal("reorg")],
  {
    description:
      "Why it left without a block: a block spent its coins otherwise, another transaction took its place, it was too old, " +
      "others paid more when the mempool was full, or its coins went with a block",
  },
);

const txid = { txid: hashText("Transaction") };
const inBlock = {
  height: integer("Height of the block"),
  block_hash: hashText("Hash of the block"),
  position: integer("Which one of the block's transactions it is, counted from 0"),
};

export const TransactionAdded = eventOf("transaction-added", "A transaction came into the mempool", {
  ...txid,
  wtxid: hashText("Its hash with witnesses"),
  vsize: integer("Virtual size in vbytes"),
  weight: integer("Weight"),
  fee: sats("Fee"),
  time: integer("When it came, in seconds since 1970"),
});
export const TransactionRemoved = eventOf(
  "transaction-removed",
  "A transaction left the mempool, and no block took it",
  {
    ...txid,
    wtxid: hashText("Its hash with witnesses"),
    reason: RemovalReason,
  },
);
export const TransactionConfirmed = eventOf("transaction-confirmed", "A block that was connected has the transaction", {
  ...txid,
  ...inBlock,
});
export const TransactionDisconnected = eventOf(
  "transaction-disconnected",
  "A block that was disconnected had the transaction; where it fits it comes back to the mempool",
  { ...txid, ...inBlock },
);

const touched = {
  address: nullable(text("The address; null where the script has none")),
  scripthash: hashText("SHA-256 of the output script, last byte first"),
  ...txid,
  received: sats("What the transaction pays to it"),
  spent: sats("What it spends of it"),
};

export const AddressSeen = eventOf("address-seen", "A transaction that touches the address came into the mempool", {
  ...touched,
});
export const AddressRemoved = eventOf("address-removed", "It left the mempool, and no block took it", {
  ...touched,
  reason: RemovalReason,
});
export const AddressConfirmed = eventOf("address-confirmed", "A block that was connected has it", {
  ...touched,
  ...inBlock,
});
export const AddressDisconnected = eventOf("address-disconnected", "A block that was disconnected had it", {
  ...touched,
  ...inBlock,
});
