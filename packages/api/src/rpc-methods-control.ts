import { warnings } from "./rpc-fields.ts";
import {
  amount,
  any,
  arr,
  bool,
  hex,
  map,
  method,
  none,
  num,
  obj,
  optional,
  required,
  result,
  str,
  time,
  withDefault,
} from "./rpc-schema.ts";

const ECHO_PARAMS = [
  optional("arg0", "json", ""),
  optional("arg1", "json", ""),
  optional("arg2", "json", ""),
  optional("arg3", "json", ""),
  optional("arg4", "json", ""),
  optional("arg5", "json", ""),
  optional("arg6", "json", ""),
  optional("arg7", "json", ""),
  optional("arg8", "json", ""),
  optional("arg9", "json", ""),
] as const;

/** Methods about the node itself and its network. */
export const controlMethods = {
  getrpcinfo: method({
    category: "control",
    description: "Returns what the RPC server is doing.",
    params: [],
    results: result(
      obj({
        active_commands: arr(
          obj({ method: str("The method"), duration: num("Microseconds since it was called") }),
          "Calls being answered",
        ),
        logpath: str("Path of the debug log"),
      }),
    ),
    examples: [[]],
  }),

  getmemoryinfo: method({
    category: "control",
    description: "Returns how much memory is locked, so that it is never written to a swap file.",
    params: [withDefault("mode", "string", "stats", 'What to tell: "stats" is all there is.')],
    results: result(
      obj({
        locked: obj(
          {
            used: num("Bytes in use"),
            free: num("Bytes that could be used"),
            total: num("Bytes in all"),
            locked: num("Bytes that could be locked"),
            chunks_used: num("Pieces in use"),
            chunks_free: num("Pieces that are free"),
          },
          "Locked memory; all zero, as this node keeps no secrets that need it",
        ),
      }),
    ),
    examples: [[]],
  }),

  help: method({
    category: "control",
    description: "Lists all methods, or describes one.",
    params: [optional("command", "string", "The method to describe", { defaultHint: "all methods" })],
    results: result(str("The help text")),
  }),

  logging: method({
    category: "control",
    description: `Returns which categories are logged in detail, and changes them.
Without arguments nothing changes. "include" comes before "exclude"; a category in both ends up excluded.
"all" and "1" stand for every category.`,
    params: [
      optional("include", "strings", "Categories to log", { itemName: "include_category" }),
      optional("exclude", "strings", "Categories not to log", { itemName: "exclude_category" }),
    ],
    results: result(map("category", bool("Whether it is logged in detail"))),
    examples: [['["rpc"]', '["net"]']],
  }),

  stop: method({
    category: "control",
    description: "Ends the node in good order.",
    params: [optional("wait", "int", "Milliseconds to wait before the answer", { hidden: true })],
    results: result(str("A line that says so")),
  }),

  uptime: method({
    category: "control",
    description: "Returns how long the node has been running.",
    params: [],
    results: result(num("Seconds since the start")),
    examples: [[]],
  }),

  getconnectioncount: method({
    category: "network",
    description: "Returns how many peers are connected.",
    params: [],
    results: result(num("Connected peers")),
    examples: [[]],
  }),

  getpeerinfo: method({
    category: "network",
    description: "Returns what is known of each connected peer.",
    params: [],
    results: result(arr(map("field", any("What is known"), "A peer"))),
    examples: [[]],
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

  listbanned: method({
    category: "network",
    description: "Returns the addresses that may not connect.",
    params: [],
    results: result(arr(map("field", any("What is known"), "An address or subnet"))),
    examples: [[]],
  }),

  getindexinfo: method({
    category: "util",
    description: "Returns how far each index over the chain is; nothing of those that do not run.",
    params: [optional("index_name", "string", "Tell of this index alone.")],
    results: result(
      map(
        "name",
        obj({
          synced: bool("Whether the index has reached the tip"),
          best_block_height: num("Height that it has reached"),
        }),
      ),
    ),
    examples: [[], ['"txindex"']],
  }),

  getnetworkinfo: method({
    category: "network",
    description: "Returns the state of the peer-to-peer network.",
    params: [],
    results: result(
      obj({
        version: num("Version that clients compare, as Core counts"),
        subversion: str("Name and version shown to peers"),
        protocolversion: num("Version of the peer protocol; 0 where no peer protocol runs"),
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
            name: str("The network (ipv4, ipv6, onion, i2p, cjdns)"),
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

  echo: method({
    category: "hidden",
    description: "Returns its arguments. For tests.",
    params: ECHO_PARAMS,
    results: result(any("The arguments")),
  }),

  echojson: method({
    category: "hidden",
    description: "Returns its arguments. For tests; clients on the command line read them as JSON.",
    params: ECHO_PARAMS,
    results: result(any("The arguments")),
  }),

  setmocktime: method({
    category: "hidden",
    description: "Sets the time that consensus rules see (regtest only).",
    params: [required("timestamp", "int64", "Seconds since 1970; 0 returns to real time.")],
    results: result(none()),
  }),

  mockscheduler: method({
    category: "hidden",
    description: "Brings periodic jobs forward in time (regtest only).",
    params: [required("delta_time", "int64", "Seconds to bring them forward by.")],
    results: result(none()),
  }),

  syncwithvalidationinterfacequeue: method({
    category: "hidden",
    description: "Waits until everybody has handled all events of the chain up to now.",
    params: [],
    results: result(none()),
    examples: [[]],
  }),
} as const;
