import type { RouteTag } from "../rest/route.ts";

/** Words of the document about the interface as a whole. */

export const INFO_TEXT = `Chain, mempool, addresses, mining and peers of a Bitcoin node.

**Envelope.** Every answer in JSON is \`{ success, data, error, timestamp }\`: \`data\` where \`success\` is true, otherwise \`error\`, one plain
sentence. The HTTP status says the same: it is never 200 for an error.

**Keys.** What is under \`/api/v1\` is open to all and changes nothing of the node. \`/api/wallet\` and \`/api/admin\` take a key of that role in
the header \`X-API-Key\`, or as \`Authorization: Bearer\`. What can be read under \`/api/v1\` can be read under \`/api/admin\` as well
(\`x-also-at\`), by who has an admin key; no cache keeps that.

**Amounts** are whole satoshis. **Hashes** are 64 hex digits, as people write them. **Times** are seconds since 1970 unless they say otherwise.

**Caching.** What is read under \`/api/v1\` has an \`ETag\`: send it as \`If-None-Match\` and be told 304 where nothing changed. What can never
change, like the transactions of a block that is named by its hash, says \`immutable\`.

**Lists** come in two forms. Those with \`page\` and \`limit\` count pages from 0. Those with \`cursor\` go on behind the last item of the part
before, whatever came meanwhile: send \`next_cursor\` of the answer as \`cursor\`, until it is null.

**Limits.** Answers tell in \`RateLimit-Remaining\` how many more requests may come at once. Who asks too often is answered 429, with
\`Retry-After\` in seconds. Health, metrics and documents are never limited.`;

export const TAG_TEXTS: Readonly<Record<RouteTag | "documents", string>> = {
  chain: "The active chain and its blocks.",
  transactions: "Transactions, in blocks and waiting for one; sending them.",
  mempool: "What waits for a block, and what it costs to be in one soon.",
  addresses: "Balances, coins and history of addresses.",
  "self-custody":
    "For wallets whose keys stay where they are: what descriptors and addresses have together, and signed messages. Nothing is registered.",
  wallets: "Wallets that the node keeps, with their keys. A web server hands these calls on to the node that does.",
  mining: "The miner of this node.",
  peers: "Whom this node is connected to.",
  network: "A local network as a whole: partitions, reorganisations, coins for testing, snapshots.",
  search: "From what somebody typed to what it is.",
  console: "JSON-RPC through this interface: what there is to call, and calling it.",
  health: "For probes and monitoring.",
  events: "What happens, while it happens.",
  documents: "This document.",
};
