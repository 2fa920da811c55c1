import { warnings } from "./rpc-fields.ts";
import {
  amount,
  arr,
  bool,
  hex,
  map,
  maybe,
  method,
  none,
  num,
  obj,
  optional,
  required,
  result,
  str,
  time,
  when,
  withDefault,
} from "./rpc-schema.ts";

const NETWORK_NAMES = "ipv4, ipv6, onion, i2p, cjdns";

const peer = obj({
  id: num("Number of the peer, by which other calls name it"),
  addr: str("Address and port of the peer, or its name as it was given"),
  addrbind: maybe(str("Our side's address and port")),
  addrlocal: maybe(str("Our address as the peer sees it")),
  network: str(`Network of the connection (${NETWORK_NAMES}, not_publicly_routable)`),
  mapped_as: maybe(num("Autonomous system of the peer, where the map of -asmap knows it")),
  services: hex("Services that the peer offers"),
  servicesnames: arr(str("Name of a service"), "Services that the peer offers, by name"),
  relaytxes: bool("Whether we announce transactions to the peer"),
  last_inv_sequence: num("Sequence number of the mempool at our last announcement"),
  inv_to_send: num("Transactions that wait to be announced"),
  lastsend: time("Time of the last send in UNIX epoch time"),
  lastrecv: time("Time of the last receive in UNIX epoch time"),
  last_transaction: time("Time of the last transaction that was news, in UNIX epoch time"),
  last_block: time("Time of the last block that was news, in UNIX epoch time"),
  bytessent: num("Bytes sent"),
  bytesrecv: num("Bytes received"),
  conntime: time("Time of the connection in UNIX epoch time"),
  timeoffset: num("Seconds by which the peer's clock is ahead of ours"),
  pingtime: maybe(num("Last ping time in seconds")),
  minping: maybe(num("Shortest ping time in seconds")),
  pingwait: maybe(num("Seconds for which a ping waits for its answer")),
  version: num("Version of the peer"),
  subver: str("Name and version of the peer's program"),
  inbound: bool("Whether the peer connected to us"),
  bip152_hb_to: bool("Whether we asked the peer for compact blocks at once"),
  bip152_hb_from: bool("Whether the peer asked us for compact blocks at once"),
  presynced_headers: num("Height of the first pass over the peer's headers, -1 where there is none"),
  synced_headers: num("Height of the best header that the peer has, as far as we know"),
  synced_blocks: num("Height of the last block that both have"),
  inflight: arr(num("A height"), "Heights of the blocks that the peer was asked for"),
  addr_relay_enabled: bool("Whether addresses are exchanged with the peer"),
  addr_processed: num("Addresses of the peer that were looked at"),
  addr_rate_limited: num("Addresses of the peer that came too fast and were dropped"),
  permissions: arr(str("A permission"), "What the peer may do beyond the usual"),
  minfeefilter: amount("Lowest fee rate that the peer wants to hear of, in BTC/kvB"),
  bytessent_per_msg: map("msg", num("Bytes sent in messages of the type")),
  bytesrecv_per_msg: map("msg", num("Bytes received in messages of the type; unknown types together are *other*")),
  connection_type: str(
    "Purpose of the connection: inbound, outbound-full-relay, block-relay-only, feeler, manual or addr-fetch",
  ),
  transport_protocol_type: str("How messages travel: v1, v2 (encrypted), or detecting"),
  session_id: str("Session id of the encrypted transport, or empty"),
});

const storedAddress = obj({
  address: str("The address"),
  mapped_as: maybe(num("Autonomous system of the address, where the map of -asmap knows it")),
  port: num("The port"),
  network: str(`Network of the address (${NETWORK_NAMES})`),
  services: num("Services that the node offers"),
  time: time("When the node was last seen, in UNIX epoch time"),
  source: str("Who told of the address"),
  source_network: str("Network of who told of it"),
  source_mapped_as: maybe(num("Autonomous system of who told of it, where the map of -asmap knows it")),
});

const orphanFields = {
  txid: hex("The transaction id"),
  wtxid: hex("The id with witnesses"),
  bytes: num("Size in bytes"),
  vsize: num("Virtual size (BIP141)"),
  weight: num("Weight (BIP141)"),
  from: arr(num("Id of a peer"), "Peers that sent or announced it"),
};

/** Methods about other nodes. */
export const networkMethods = {
  getconnectioncount: method({
    category: "network",
    description: "Returns how many peers are connected.",
    params: [],
    results: result(num("Connected peers")),
    examples: [[]],
  }),

  ping: method({
    category: "network",
    description:
      "Sends a ping to every peer. getpeerinfo shows the times as pingtime and pingwait; they include what waits before the ping.",
    params: [],
    results: result(none()),
    examples: [[]],
  }),

  getpeerinfo: method({
    category: "network",
    description: "Returns what is known of each connected peer.",
    params: [],
    results: result(arr(peer)),
    examples: [[]],
  }),

  addnode: method({
    category: "network",
    description:
      "Puts a node on the list of those to stay connected to, takes it off, or tries to connect to it once.\nSuch peers are not disconnected for misbehaviour, and are counted apart from -maxconnections: at most 8 at a time.",
    params: [
      required("node", "string", "Address or name of the node, with or without port."),
      required("command", "string", "'add', 'remove' or 'onetry'."),
      optional("v2transport", "bool", "Whether to try the encrypted transport (BIP324).", {
        defaultHint: "as -v2transport says",
      }),
    ],
    results: result(none()),
    examples: [['"192.168.0.6:8333"', '"onetry"', "true"]],
  }),

  addconnection: method({
    category: "hidden",
    description: "Opens a connection of a given type to a node. For tests only, on regtest.",
    params: [
      required("address", "string", "Address and port."),
      required(
        "connection_type",
        "string",
        'Type of the connection ("outbound-full-relay", "block-relay-only", "addr-fetch" or "feeler").',
      ),
      required("v2transport", "bool", "Whether to try the encrypted transport (BIP324)."),
    ],
    results: result(obj({ address: str("The address"), connection_type: str("The type") })),
    examples: [['"192.168.0.6:8333"', '"outbound-full-relay"', "true"]],
  }),

  disconnectnode: method({
    category: "network",
    description:
      "Ends the connection to a peer, named by address or by id.\nBy id: with an empty address, or the id alone as a named argument.",
    params: [
      optional("address", "string", "Address and port of the peer.", { defaultHint: "nodeid is used" }),
      optional("nodeid", "int64", "Id of the peer (see getpeerinfo).", { defaultHint: "address is used" }),
    ],
    results: result(none()),
    examples: [['"192.168.0.6:8333"'], ['""', "1"]],
  }),

  getaddednodeinfo: method({
    category: "network",
    description: "Returns the nodes on the list of addnode, all or one, with their connections.",
    params: [optional("node", "string", "Tell of this node alone.", { defaultHint: "all nodes" })],
    results: result(
      arr(
        obj({
          addednode: str("The node as it was given"),
          connected: bool("Whether it is connected"),
          addresses: arr(
            obj({ address: str("Address and port"), connected: str("inbound or outbound") }),
            "Its connection, where it is connected",
          ),
        }),
      ),
    ),
    examples: [['"192.168.0.201"']],
  }),

  getnettotals: method({
    category: "network",
    description: "Returns the bytes exchanged with peers, and the time.",
    params: [],
    results: result(
      obj({
        totalbytesrecv: num("Bytes received"),
        totalbytessent: num("Bytes sent"),
        timemillis: time("The time in milliseconds since the UNIX epoch"),
        uploadtarget: obj({
          timeframe: num("Seconds over which is measured"),
          target: num("Bytes to stay below; 0 for no limit"),
          target_reached: bool("Whether no more may be sent"),
          serve_historical_blocks: bool("Whether old blocks are sent to peers"),
          bytes_left_in_cycle: num("Bytes that may still be sent; 0 where there is no limit"),
          time_left_in_cycle: num("Seconds until the next measurement; 0 where there is no limit"),
        }),
      }),
    ),
    examples: [[]],
  }),

  getnetworkinfo: method({
    category: "network",
    description: "Returns the state of the peer-to-peer network.",
    params: [],
    results: result(
      obj({
        version: num("Version that clients compare, as Core counts"),
        subversion: str("Name and version shown to peers"),
        protocolversion: num("Version of the peer protocol"),
        localservices: hex("Services offered to peers"),
        localservicesnames: arr(str("Name of a service"), "Services offered to peers, by name"),
        localrelay: bool("Whether peers are asked for transactions"),
        timeoffset: num("Seconds between our clock and our peers'"),
        networkactive: bool("Whether connections to peers are allowed"),
        connections: num("Connected peers"),
        connections_in: num("Peers that called us"),
        connections_out: num("Peers that we called"),
        networks: arr(
          obj({
            name: str(`The network (${NETWORK_NAMES})`),
            limited: bool("Whether it is left out"),
            reachable: bool("Whether it can be reached"),
            proxy: str("Proxy for it, or empty"),
            proxy_randomize_credentials: bool("Whether each connection has credentials of its own"),
          }),
          "What is known of each network",
        ),
        relayfee: amount("Lowest fee rate that is relayed, in BTC/kvB"),
        incrementalfee: amount("Fee rate by which a replacement must be better, in BTC/kvB"),
        localaddresses: arr(
          obj({ address: str("The address"), port: num("The port"), score: num("How sure we are of it") }),
          "Our own addresses",
        ),
        warnings,
      }),
    ),
    examples: [[]],
  }),

  setban: method({
    category: "network",
    description: "Shuts an address or a range of addresses out, or lets it in again.",
    params: [
      required("subnet", "string", "Address, or range with a netmask or prefix."),
      required("command", "string", "'add' or 'remove'."),
      optional("bantime", "number", "Seconds for which it is shut out, or until when; 0 for what -bantime says.", {
        defaultHint: "0",
      }),
      withDefault("absolute", "bool", false, "Whether bantime is a time in UNIX epoch time."),
    ],
    results: result(none()),
    examples: [
      ['"192.168.0.6"', '"add"', "86400"],
      ['"192.168.0.0/24"', '"add"'],
    ],
  }),

  listbanned: method({
    category: "network",
    description: "Returns the addresses and ranges that were shut out by setban.",
    params: [],
    results: result(
      arr(
        obj({
          address: str("The address or range"),
          ban_created: time("When it was shut out, in UNIX epoch time"),
          banned_until: time("When that ends, in UNIX epoch time"),
          ban_duration: time("Seconds in all"),
          time_remaining: time("Seconds left"),
        }),
      ),
    ),
    examples: [[]],
  }),

  clearbanned: method({
    category: "network",
    description: "Lets in everything that setban shut out.",
    params: [],
    results: result(none()),
    examples: [[]],
  }),

  setnetworkactive: method({
    category: "network",
    description: "Switches all connections to peers on or off.",
    params: [required("state", "bool", "true for on.")],
    results: result(bool("The state now")),
  }),

  getnodeaddresses: method({
    category: "network",
    description: "Returns addresses of nodes that we know of and that are likely of use, in random order.",
    params: [
      withDefault("count", "int", 1, "How many at most; 0 for all."),
      optional("network", "string", `Only those of one network: ${NETWORK_NAMES}.`, { defaultHint: "all networks" }),
    ],
    results: result(
      arr(
        obj({
          time: time("When the node was last seen, in UNIX epoch time"),
          services: num("Services that the node offers"),
          address: str("The address"),
          port: num("The port"),
          network: str(`Network of the address (${NETWORK_NAMES})`),
        }),
      ),
    ),
    examples: [["8"], ["4", '"i2p"']],
  }),

  getaddrmaninfo: method({
    category: "network",
    description: "Returns how many addresses we know, by network and by whether a connection to them ever worked.",
    params: [],
    results: result(
      map(
        "network",
        obj({
          new: num("Addresses that others told of"),
          tried: num("Addresses that worked"),
          total: num("Both"),
        }),
      ),
    ),
    examples: [[]],
  }),

  addpeeraddress: method({
    category: "hidden",
    description: "Puts an address of a node among those we know. For tests only.",
    params: [
      required("address", "string", "The address."),
      required("port", "int", "The port."),
      withDefault("tried", "bool", false, "Whether to put it among those that worked."),
    ],
    results: result(obj({ success: bool("Whether the address was added"), error: maybe(str("Why it was not added")) })),
    examples: [['"1.2.3.4"', "8333", "true"]],
  }),

  sendmsgtopeer: method({
    category: "hidden",
    description:
      "Sends a message of any type to a peer. Type and payload are given; the head of the message is made here.\nFor tests only.",
    params: [
      required("peer_id", "int64", "Id of the peer."),
      required("msg_type", "string", "Type of the message, at most 12 characters."),
      required("msg", "string", "Payload in hexadecimal, without the head of a message."),
    ],
    results: result(obj({})),
    examples: [["0", '"addr"', '"ffffff"']],
  }),

  getrawaddrman: method({
    category: "hidden",
    description:
      "EXPERIMENTAL: what this call answers may change.\n\nReturns every address we know, by its place in the tables of new and of tried ones.",
    params: [],
    results: result(
      map("table", map("bucket/position", storedAddress, "Addresses of a table (new, tried), by bucket and position")),
    ),
    examples: [[]],
  }),

  exportasmap: method({
    category: "network",
    description: "Writes the built-in map of autonomous systems to a file. This program has none: -asmap names a file.",
    params: [required("path", "string", "The file to write.")],
    results: result(
      obj({
        path: str("The file that was written"),
        bytes_written: num("Its size"),
        file_hash: hex("SHA256 of its contents"),
      }),
    ),
    examples: [['"asmap.dat"']],
  }),

  getblockfrompeer: method({
    category: "blockchain",
    description:
      "Asks a peer for a block whose header we have. The call ends when the peer was asked; the block comes later, if it has it.",
    params: [
      required("blockhash", "hex", "The block hash."),
      required("peer_id", "int64", "Id of the peer (see getpeerinfo)."),
    ],
    results: result(obj({})),
    examples: [['"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"', "0"]],
  }),

  getorphantxs: method({
    category: "hidden",
    description: "Returns transactions whose parents are not here.",
    params: [withDefault("verbosity", "verbosity", 0, "0 for ids, 1 with facts, 2 with the transaction.")],
    results: [
      when("for verbosity = 0", arr(hex("A transaction id"))),
      when("for verbosity = 1", arr(obj(orphanFields))),
      when("for verbosity = 2", arr(obj({ ...orphanFields, hex: hex("The transaction's bytes") }))),
    ],
  }),
} as const;
