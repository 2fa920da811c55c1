import { ZMQ_TOPICS, type ZmqTopic } from "../server/zmq/zmq-topics.ts";
import type { Mark, OptionKind, OptionStatus, Row } from "./option-row.ts";
import { CONNECTION_OPTIONS } from "./options-connection.ts";
import { DEBUGGING_OPTIONS } from "./options-debugging.ts";
import { BLOCK_CREATION_OPTIONS } from "./options-mining.ts";
import { WALLET_OPTIONS } from "./options-wallet.ts";
import { WEB_OPTIONS } from "./options-web.ts";

/**
 * Every option the executables know, in one table. `active` options change what the node does; `accepted` ones are Bitcoin
 * Core's that mean nothing to this node yet, known so that command lines and configuration files written for Core run here.
 * An option that is in neither state is refused. Options that would be dangerous to ignore are never merely accepted.
 */

/** Headings of `-help`, in the order in which they are shown. */
export const OPTION_GROUPS = [
  "Options",
  "Connection options",
  "ZeroMQ notification options",
  "Debugging/Testing options",
  "Node relay options",
  "Block creation options",
  "RPC server options",
  "Web server options",
  "Wallet options",
  "Chain selection options",
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

export interface OptionDefinition {
  readonly name: string;
  readonly kind: OptionKind;
  readonly status: OptionStatus;
  readonly group: OptionGroup;
  /** On networks other than main, read from the network's own section of the configuration file only. */
  readonly sectionOnly: boolean;
  /** `-no<name>` is refused. */
  readonly noNegation: boolean;
  /** `-<name>` without a value is refused. */
  readonly noElision: boolean;
  /** Its value is never logged. */
  readonly sensitive: boolean;
  /** Shown by `-help-debug` only. */
  readonly debugOnly: boolean;
  /** What stands behind the name in `-help`, with its `=`. */
  readonly parameter: string;
  readonly help: string;
}

const OPTIONS: readonly Row[] = [
  ["help", "boolean", "active", "", "Print this help message and exit (also -h or -?)"],
  ["help-debug", "boolean", "active", "", "Print help message with debugging options and exit"],
  ["version", "boolean", "active", "", "Print version and exit"],
  [
    "alertnotify=<cmd>",
    "text",
    "active",
    "",
    "Shell command to run when a warning comes up; %s becomes its text, quoted",
  ],
  [
    "allowignoredconf",
    "boolean",
    "active",
    "",
    "Only warn where the data directory holds a bitcoin.conf that is not read",
  ],
  [
    "addressindex",
    "boolean",
    "active",
    "",
    "Keep an index of what every address has, for the routes about addresses (default: 1 where -webport is given, but for main and -prune; not in Core)",
  ],
  ["assumevalid=<hex>", "text", "active", "", "Take scripts below this block for valid; 0 to check all"],
  ["blocknotify=<cmd>", "text", "active", "", "Shell command to run for every new tip; %s becomes the block's hash"],
  [
    "blockreconstructionextratxn=<n>",
    "integer",
    "active",
    "",
    "Refused transactions that are kept for compact blocks (default: 100)",
  ],
  ["blocksdir=<dir>", "text", "active", "", "Directory that holds the blocks directory (default: the data directory)"],
  ["blocksonly", "boolean", "active", "", "Take no transactions of peers (default: 0)"],
  ["blocksxor", "boolean", "active", "", "Obfuscate new block files with a random key (default: 1)"],
  [
    "blockfilterindex=<type>",
    "list",
    "active",
    "",
    "Keep an index of compact filters by block: basic, 1 for every type, or 0 (default: 0)",
  ],
  ["coinstatsindex", "boolean", "accepted", "", ""],
  ["conf=<file>", "text", "active", "", "Configuration file; relative to the data directory (default: bitcoin.conf)"],
  ["daemon", "boolean", "active", "", "Run in the background (default: 0)"],
  ["daemonwait", "boolean", "active", "", "Wait until started before leaving to the background (default: 0)"],
  ["datadir=<dir>", "text", "active", "N", "Data directory"],
  ["dbbatchsize", "integer", "accepted", "D", ""],
  ["dbcache=<n>", "integer", "active", "", "Memory for the coins cache, in MiB (default: 450)"],
  ["debuglogfile=<file>", "text", "active", "", "Log file; relative to the network's directory (default: debug.log)"],
  ["fastprune", "boolean", "active", "D", "Small block files, for tests (default: 0)"],
  ["includeconf=<file>", "list", "active", "", "One more configuration file; in the configuration file only"],
  [
    "loadblock=<file>",
    "list",
    "active",
    "",
    "Import blocks of a file (blk*.dat without obfuscation, bootstrap.dat) at start",
  ],
  [
    "maxmempool=<n>",
    "integer",
    "active",
    "",
    "Memory for the mempool, in megabytes (default: 300; 5 with -blocksonly)",
  ],
  ["mempoolexpiry=<n>", "integer", "active", "", "Hours after which a transaction leaves the mempool (default: 336)"],
  ["minimumchainwork=<hex>", "text", "active", "D", "Least work of a chain worth syncing, in hex"],
  ["par=<n>", "integer", "active", "", "Script check threads; 0 for one per processor, below 0 leaves so many free"],
  ["persistmempool", "boolean", "active", "", "Keep the mempool over a restart, in mempool.dat (default: 1)"],
  ["persistmempoolv1", "boolean", "active", "", "Write mempool.dat in its old form, without obfuscation (default: 0)"],
  [
    "pid=<file>",
    "text",
    "active",
    "",
    "File of the process id; relative to the network's directory (default: bitcoind.pid)",
  ],
  ["prevoutfetchthreads=<n>", "integer", "accepted", "", ""],
  [
    "prune=<n>",
    "integer",
    "active",
    "",
    "Delete old blocks to keep block files below this many MiB, 550 or more; 1 deletes with pruneblockchain alone; 0 never (default: 0). Not with -txindex, -txospenderindex and -addressindex",
  ],
  ["reindex", "boolean", "active", "", "Rebuild chainstate and block index from the block files"],
  ["reindex-chainstate", "boolean", "active", "", "Rebuild the chainstate from the indexed blocks"],
  ["secp256k1=<backend>", "text", "active", "", "Signature checks: auto, native or portable (default: auto)"],
  [
    "settings=<file>",
    "text",
    "active",
    "",
    "Settings file; relative to the network's directory (default: settings.json)",
  ],
  ["shutdownnotify=<cmd>", "list", "active", "", "Shell command to run before shutting down, which waits for its end"],
  ["startupnotify=<cmd>", "text", "active", "", "Shell command to run once the node has started"],
  ["txindex", "boolean", "active", "", "Keep an index of all transactions, for getrawtransaction (default: 0)"],
  [
    "txospenderindex",
    "boolean",
    "active",
    "",
    "Keep an index of what spends each output, for gettxspendingprevout (default: 0)",
  ],
];

const ZMQ_MEANINGS: Readonly<Record<ZmqTopic, string>> = {
  hashblock: "the hash of each new tip",
  hashtx: "the id of each transaction that comes or is mined",
  rawblock: "each new tip as a whole block",
  rawtx: "each transaction that comes or is mined, whole",
  sequence: "what comes, goes and is mined, in order",
};

const ZMQ: readonly Row[] = ZMQ_TOPICS.flatMap((topic): Row[] => [
  [`zmqpub${topic}=<address>`, "list", "active", "", `Publish ${ZMQ_MEANINGS[topic]} over ZeroMQ at this address`],
  [
    `zmqpub${topic}hwm=<n>`,
    "integer",
    "active",
    "",
    "Messages of it that wait for a slow subscriber before further ones are left out (default: 1000)",
  ],
]);

const RELAY: readonly Row[] = [
  [
    "acceptnonstdtxn",
    "boolean",
    "active",
    "D",
    "Take transactions of non-standard form; on test networks only (default: 0)",
  ],
  ["bytespersigop", "integer", "active", "", "Bytes that a signature operation counts for at least (default: 20)"],
  ["datacarrier", "boolean", "active", "", "Take transactions with data outputs (default: 1)"],
  ["datacarriersize", "integer", "active", "", "Bytes of all data outputs of a transaction together (default: 100000)"],
  ["dustrelayfee=<amt>", "text", "active", "D", "Fee rate that says what is dust, in BTC/kvB (default: 0.00003)"],
  [
    "incrementalrelayfee=<amt>",
    "text",
    "active",
    "D",
    "Fee rate that a replacement pays on top, and steps of the minimum of a full mempool, in BTC/kvB (default: 0.000001)",
  ],
  [
    "minrelaytxfee=<amt>",
    "text",
    "active",
    "",
    "Lowest fee rate of transactions that are relayed, in BTC/kvB (default: 0.000001)",
  ],
  ["permitbaremultisig", "boolean", "active", "", "Relay multisig outputs without P2SH (default: 1)"],
  ["privatebroadcast", "boolean", "accepted", "", ""],
  [
    "whitelistforcerelay",
    "boolean",
    "active",
    "",
    "Relay transactions of -whitelist peers even where they are in the mempool (default: 0)",
  ],
  [
    "whitelistrelay",
    "boolean",
    "active",
    "",
    "Take transactions of -whitelist peers even with -blocksonly (default: 1)",
  ],
];

const RPC: readonly Row[] = [
  [
    "rest",
    "boolean",
    "active",
    "",
    "Answer Core's REST calls on the port of JSON-RPC, without a password (default: 0)",
  ],
  ["rpcallowip=<ip>", "list", "active", "", "Allow JSON-RPC from an address, network/netmask or network/CIDR"],
  ["rpcauth=<userpw>", "list", "active", "P", "User and hashed password: <user>:<salt>$<hash>"],
  [
    "rpcbind=<addr>[:port]",
    "list",
    "active",
    "S",
    "Address of JSON-RPC (default: 127.0.0.1 and ::1); needs -rpcallowip",
  ],
  [
    "rpccookiefile=<loc>",
    "text",
    "active",
    "",
    "Location of the cookie; relative to the network's directory (default: .cookie)",
  ],
  [
    "rpccookieperms=<readable-by>",
    "text",
    "active",
    "",
    "Who may read the cookie: owner, group or all (default: owner)",
  ],
  ["rpcdoccheck", "boolean", "accepted", "D", ""],
  ["rpcpassword=<pw>", "text", "active", "P", "Password for JSON-RPC"],
  [
    "rpcport=<port>",
    "integer",
    "active",
    "S",
    "JSON-RPC port (default: 8332, testnet3: 18332, testnet4: 48332, signet: 38332, regtest: 18443)",
  ],
  ["rpcservertimeout=<n>", "integer", "active", "D", "Seconds until an idle connection closes (default: 30)"],
  ["rpcthreads=<n>", "integer", "accepted", "", ""],
  ["rpcuser=<user>", "text", "active", "P", "User for JSON-RPC"],
  ["rpcwhitelist=<whitelist>", "list", "active", "", "Methods a user may call: <user>:<method>,<method>"],
  ["rpcwhitelistdefault", "boolean", "active", "", "Whether users without -rpcwhitelist may call nothing"],
  ["rpcworkqueue=<n>", "integer", "active", "D", "Requests in work at once (default: 64)"],
  ["server", "boolean", "active", "", "Answer JSON-RPC (default: 1)"],
];

const CHAIN: readonly Row[] = [
  ["chain=<chain>", "text", "active", "", "Network: main, test, testnet4, signet or regtest (default: main)"],
  ["regtest", "boolean", "active", "D", "Same as -chain=regtest"],
  ["signet", "boolean", "active", "", "Same as -chain=signet"],
  [
    "signetblocktime=<seconds>",
    "integer",
    "active",
    "",
    "Time between blocks that the difficulty of a custom signet aims at; all its nodes must be given the same (default: 600; not in Core)",
  ],
  ["signetchallenge", "list", "active", "N", "Script that blocks of a custom signet must satisfy, in hex"],
  ["signetseednode", "list", "accepted", "N", ""],
  ["testnet", "boolean", "active", "", "Same as -chain=test"],
  ["testnet4", "boolean", "active", "", "Same as -chain=testnet4"],
  [
    "vbparams=deployment:start:end[:min_activation_height]",
    "list",
    "active",
    "D",
    "BIP9 times of a soft fork (regtest)",
  ],
];

const TABLE: readonly (readonly [OptionGroup, readonly Row[]])[] = [
  ["Options", OPTIONS],
  ["Connection options", CONNECTION_OPTIONS],
  ["ZeroMQ notification options", ZMQ],
  ["Debugging/Testing options", DEBUGGING_OPTIONS],
  ["Node relay options", RELAY],
  ["Block creation options", BLOCK_CREATION_OPTIONS],
  ["RPC server options", RPC],
  ["Web server options", WEB_OPTIONS],
  ["Wallet options", WALLET_OPTIONS],
  ["Chain selection options", CHAIN],
];

function definitionOf(group: OptionGroup, [title, kind, status, marks, help]: Row): OptionDefinition {
  const [name] = title.split("=", 1) as [string];
  const has = (mark: Mark) => marks.includes(mark);
  return {
    name,
    kind,
    status,
    group,
    sectionOnly: has("S"),
    noNegation: has("N"),
    noElision: has("E"),
    sensitive: has("P"),
    debugOnly: has("D"),
    parameter: title.slice(name.length),
    help,
  };
}

/** Every known option by its name, in the order of the table. */
export const OPTION_DEFINITIONS: ReadonlyMap<string, OptionDefinition> = new Map(
  TABLE.flatMap(([group, rows]) => rows.map((row) => definitionOf(group, row))).map((option) => [option.name, option]),
);

/** Short names of `-help`, which have no row of their own. */
const HELP_ALIASES: ReadonlySet<string> = new Set(["h", "?"]);

/** The option of that name (without dashes), or `undefined` where there is none. */
export function findOption(name: string): OptionDefinition | undefined {
  return OPTION_DEFINITIONS.get(HELP_ALIASES.has(name) ? "help" : name);
}

/** The options as `-help` shows them; with `debug`, also those for tests and those that are only accepted. */
export function helpText(debug: boolean): string {
  let text = "";
  for (const group of OPTION_GROUPS) {
    const shown = [...OPTION_DEFINITIONS.values()].filter(
      (option) => option.group === group && (debug || (option.status === "active" && !option.debugOnly)),
    );
    if (shown.length === 0) continue;
    text += `${group}:\n\n`;
    for (const option of shown) {
      const help = option.help || "Accepted for Bitcoin Core's sake; has no effect here yet";
      text += `  -${option.name}${option.parameter}\n       ${help}\n\n`;
    }
  }
  return text;
}
