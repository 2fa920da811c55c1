import { Literal, Union } from "typebox";
import { decimal, flag, hashText, integer, sats, text } from "../schema.ts";
import { eventOf } from "./event-schema.ts";

/** Events of the topics `mempool`, `peers` and `miner`: what this one server's node does. */

export const MempoolSummary = eventOf("mempool-summary", "The mempool changed; told once a second at most", {
  count: integer("Transactions"),
  vsize: integer("Their virtual size in vbytes"),
  min_feerate: decimal("Least that is paid for a place, in satoshis a vbyte"),
  total_fee: sats("Fees of all"),
});

const peer = {
  id: integer("Number of the connection, as getpeerinfo has it"),
  direction: Union([Literal("inbound"), Literal("outbound")], { description: "Who called" }),
  user_agent: text("What the peer says that it is, with letters, digits and a few marks alone"),
};
export const PeerConnected = eventOf("peer-connected", "A peer and the node have agreed to talk", peer);
export const PeerDisconnected = eventOf("peer-disconnected", "A peer that the node talked to is gone", peer);

export const MinerChanged = eventOf("miner-changed", "The miner was told to do something else", {
  pacing: Union([Literal("interval"), Literal("on-transaction"), Literal("continuous"), Literal("off")], {
    description: "When it makes blocks",
  }),
  interval_seconds: decimal("Mean time between blocks of all miners together, with pacing interval"),
  has_address: flag("Whether it knows where its coins go"),
});
const found = { height: integer("Height of the block"), hash: hashText("Hash of the block") };
export const MinerBlockFound = eventOf("miner-block-found", "This node's miner found a block", {
  ...found,
  is_stale: flag("Another's block was there first"),
});
export const MinerBlockStale = eventOf(
  "miner-block-stale",
  "A block of this node's miner ceased to be part of the active chain, or is part of it again",
  { ...found, is_stale: flag("False where it is part of the chain again") },
);
