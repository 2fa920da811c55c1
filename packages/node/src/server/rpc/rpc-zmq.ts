import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** What is published over ZeroMQ. */
export function zmqHandlers({ zmq }: Pick<RpcDependencies, "zmq">) {
  return {
    getzmqnotifications: () =>
      zmq.map(({ topic, address, highWaterMark }) => ({ type: `pub${topic}`, address, hwm: highWaterMark })),
  } satisfies Partial<RpcHandlers>;
}
