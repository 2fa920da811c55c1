import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { PeerNetwork } from "./p2p/peer-network.ts";
import type { Clock, Logger } from "./ports.ts";
import type { WebServer } from "./server/web/web-server.ts";

/**
 * How long after the last answer peers may take to ask for what was sent with it. Those that we connected to wait two seconds, in case
 * that somebody announces it whom they connected to, and two more where much is under way; where the machine is busy that takes longer.
 */
const DELIVERY_MS_MAX = 15_000;
/** The same while there is no peer: one may be on its way back. */
const LONELY_MS_MAX = 5_000;
/** How long of that for the answer that they have read all of it. */
const READ_MS_MAX = 5_000;
/** How often it is looked whether they have. */
const DELIVERY_LOOK_MS = 20;
/** Transactions that the log names; of more it has the number. */
const LOGGED_MAX = 10;

export interface TrafficParts {
  readonly web: Pick<WebServer, "drain" | "finish">;
  readonly network: Pick<PeerNetwork, "announcements" | "ping">;
  readonly clock: Pick<Clock, "monotonicMs" | "after">;
  readonly log: Logger;
}

/**
 * Has the web server end its traffic before anything else of the node ends, since what it answers comes from there: for `drainSeconds` after the
 * wish to stop it answers everything, while balancers turn away; then what has begun is answered, and nothing new is taken. With a drain, transactions
 * that its users have sent go to peers at once, and are waited for: its disk may not outlive it.
 */
export function startTraffic(drainSeconds: number, lifecycle: Lifecycle, parts: TrafficParts): Promise<void> {
  const { web, network, clock, log } = parts;
  const drainMs = drainSeconds * 1000;
  if (drainMs > 0)
    lifecycle.beforeStop(async (signal) => {
      log.info("Answering on before the node stops", { seconds: drainSeconds });
      web.drain(drainMs);
      network.announcements.hurry();
      await pause(drainMs, clock, signal);
    });
  return lifecycle.start(
    "web traffic",
    () => {},
    async () => {
      web.drain(0);
      await web.finish();
      if (drainMs > 0) await deliver(parts);
    },
  );
}

/**
 * Waits until peers have all that users have sent, for a moment. Who asked for a transaction has not read it yet: a busy node that sees the connection
 * end drops what it had not come to. A ping is answered behind all that was sent before it.
 */
async function deliver({ network: { announcements, ping }, clock, log }: TrafficParts): Promise<void> {
  announcements.hurry();
  const beganMs = clock.monotonicMs();
  const isInTime = () => clock.monotonicMs() - beganMs < (announcements.hasListeners ? DELIVERY_MS_MAX : LONELY_MS_MAX);
  while (announcements.undelivered().length > 0 && isInTime()) await pause(DELIVERY_LOOK_MS, clock);
  ping.pingAll();
  const askedMs = clock.monotonicMs();
  while (!ping.isAnswered && isInTime() && clock.monotonicMs() - askedMs < READ_MS_MAX)
    await pause(DELIVERY_LOOK_MS, clock);
  const left = announcements.undelivered();
  if (left.length === 0) return;
  const txids = left.slice(0, LOGGED_MAX).map(displayHash).join(" ");
  log.warn("No peer has asked for transactions that were accepted here", { count: left.length, txids });
}

function pause(durationMs: number, clock: Pick<Clock, "after">, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(durationMs, end);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
