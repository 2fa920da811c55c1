import {
  any,
  arr,
  bool,
  map,
  method,
  none,
  num,
  obj,
  optional,
  required,
  result,
  str,
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
