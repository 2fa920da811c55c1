import type { Row } from "./option-row.ts";

/** Options of who makes blocks. */
export const BLOCK_CREATION_OPTIONS: readonly Row[] = [
  ["blockmaxweight=<n>", "integer", "active", "D", "Largest weight of a block made here (default: 4000000)"],
  [
    "blockmintxfee=<amt>",
    "text",
    "active",
    "",
    "Lowest fee rate of transactions in blocks made here, in BTC/kvB (default: 0.00000001)",
  ],
  ["blockreservedweight=<n>", "integer", "active", "", "Weight kept free for header and coinbase (default: 8000)"],
  ["blockversion=<n>", "integer", "active", "D", "Version of blocks made here (regtest)"],
  [
    "mining=<pacing>",
    "text",
    "active",
    "",
    "Mine: interval (so that all miners together keep -mininginterval), on-transaction, continuous or off (default: off; not in Core)",
  ],
  [
    "miningfirstblocks=<n>",
    "integer",
    "active",
    "",
    "Make blocks at once until the chain has so many, on regtest and without -addnode and -connect (default: 0; not in Core)",
  ],
  ["miningaddress=<address>", "text", "active", "S", "Where mined coins go (not in Core)"],
  [
    "mininginterval=<seconds>",
    "text",
    "active",
    "",
    "Mean seconds between blocks of the network with -mining=interval (default: 10; not in Core)",
  ],
  [
    "miningpeerwait=<seconds>",
    "integer",
    "active",
    "",
    "Start to mine when peers have told of their blocks, or after so many seconds without news from them; 0 at once (default: 10 with -addnode or -connect, otherwise 0; not in Core)",
  ],
  [
    "miningthreads=<n>",
    "integer",
    "active",
    "",
    "Threads that hash; 0 hashes on the main thread (default: all processors but one; not in Core)",
  ],
  [
    "uniqueblocks",
    "boolean",
    "active",
    "",
    "Put a random number into blocks that generatetoaddress and its like make, so that nodes apart from each other never make the same (default: 0, Core's blocks byte for byte; not in Core)",
  ],
  [
    "signetblockkey=<key>",
    "text",
    "active",
    "PN",
    "Sign blocks of a signet: a descriptor with private keys, a private key, or a file that holds one; the challenge follows from it where none is given (not in Core)",
  ],
];
