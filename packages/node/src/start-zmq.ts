import { ConfigError } from "./config/settings.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { ZmqDependencies } from "./server/zmq/zmq-notifier.ts";
import type { ZmqPublication } from "./server/zmq/zmq-topics.ts";

/**
 * Begins to publish over ZeroMQ what `-zmqpub…` asks for, and answers what is published. As in Bitcoin Core an address that cannot be bound
 * leaves the node running, without any of them; the log says so. Rejects with {@link ConfigError} where the package is not installed.
 */
export async function startZmq(
  publications: readonly ZmqPublication[],
  lifecycle: Lifecycle,
  deps: ZmqDependencies,
): Promise<readonly ZmqPublication[]> {
  if (publications.length === 0) return [];
  const { ZmqNotifier } = await import("./server/zmq/zmq-notifier.ts");
  const { zmqProblem } = await import("./server/zmq/zmq-sockets.ts");
  const problem = zmqProblem();
  if (problem !== undefined) throw new ConfigError(problem);
  try {
    const notifier = await lifecycle.start(
      "ZeroMQ",
      () => ZmqNotifier.open(publications, deps),
      (opened) => opened.close(),
    );
    for (const { topic, address } of notifier.publications)
      deps.log.debug("zmq", `Notifier pub${topic} ready (address = ${address})`);
    return notifier.publications;
  } catch (error) {
    const addresses = [...new Set(publications.map(({ address }) => address))].join(", ");
    deps.log.error(
      `Unable to initialize ZMQ, nothing is published: ${(error as Error).message}; look at what else has an address of ${addresses}`,
    );
    return [];
  }
}
