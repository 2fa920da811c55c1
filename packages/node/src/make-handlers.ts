import type { SystemClock } from "./clock.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./ports.ts";
import type { RunningNode } from "./running-node.ts";
import type { NodeControl, RpcHandlers } from "./server/rpc/rpc-dependencies.ts";
import type { RestInterface } from "./server/rpc/rpc-server.ts";
import type { ZmqPublication } from "./server/zmq/zmq-topics.ts";
import type { Telemetry } from "./telemetry.ts";
import { userAgentOf } from "./version.ts";

/** What tests may do to time. */
function mockableTime(
  clock: SystemClock,
): Pick<NodeControl, "setMockTime" | "mockTimeSeconds" | "moveSchedulerForward"> {
  return {
    mockTimeSeconds: () => clock.mockTimeSeconds,
    setMockTime: (seconds) => clock.setMockTime(seconds),
    moveSchedulerForward: (seconds) => clock.scheduler.moveForward(seconds * 1000),
  };
}

/** What answers JSON-RPC calls, over the running node. */
export async function makeHandlers(
  node: RunningNode,
  zmq: readonly ZmqPublication[],
  lifecycle: Lifecycle,
  telemetry: Telemetry,
  clock: SystemClock,
): Promise<RpcHandlers> {
  const { createRpcHandlers } = await import("./server/rpc/rpc-handlers.ts");
  const startedMs = clock.monotonicMs();
  const control: NodeControl = {
    requestStop: () => lifecycle.requestStop(),
    uptimeSeconds: () => Math.floor((clock.monotonicMs() - startedMs) / 1000),
    debugLogPath: telemetry.file,
    ...(node.config.network.isMockable ? mockableTime(clock) : {}),
    logging: { categories: () => telemetry.categories(), enable: (category, on) => telemetry.enable(category, on) },
  };
  const userAgent = userAgentOf(node.config.userAgentComments);
  const log = telemetry.logger("rpc");
  return createRpcHandlers({
    chain: node.chain,
    mempool: node.mempool,
    fees: node.fees,
    mempoolKeeper: node.mempoolKeeper,
    indexes: node.indexes,
    p2p: node.p2p,
    generator: node.generator,
    miner: node.miner,
    wallets: node.wallets,
    zmq,
    secp256k1: node.secp256k1.backend,
    control,
    clock,
    log,
    deprecated: node.config.rpc?.deprecated ?? [],
    userAgent,
  });
}

/** Core's REST interface, where it is wanted. */
export async function restOf(
  { config, ...parts }: RunningNode,
  handlers: RpcHandlers,
  log: Logger,
): Promise<RestInterface | undefined> {
  if (config.rpc?.hasRest !== true) return undefined;
  const { CoreRest } = await import("./server/rpc/core-rest.ts");
  const { chain, mempool, indexes, secp256k1 } = parts;
  return new CoreRest({ chain, mempool, indexes, secp256k1: secp256k1.backend, handlers, log });
}
