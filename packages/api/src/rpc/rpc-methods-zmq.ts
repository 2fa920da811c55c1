import { arr, method, num, obj, result, str } from "./rpc-schema.ts";

/** Methods about what is published over ZeroMQ. */
export const zmqMethods = {
  getzmqnotifications: method({
    category: "zmq",
    description: "Returns what is published over ZeroMQ, and where.",
    params: [],
    results: result(
      arr(
        obj({
          type: str("What is published: pubhashblock, pubhashtx, pubrawblock, pubrawtx or pubsequence"),
          address: str("Where subscribers connect"),
          hwm: num("Messages that wait for a slow subscriber before further ones are left out for it"),
        }),
      ),
    ),
    examples: [[]],
  }),
} as const;
