import type { NetworkConnection, Session } from "../../session/session.ts";
import { texts } from "./texts.ts";

/** For so long a payment waits for a connection that is being made, as it is for a moment after unlocking. */
const CONNECTING_MS = 10_000;

/** Why nothing can be sent now, as soon as that is known; `undefined` where it can. */
export async function sendProblem(session: Pick<Session, "state" | "subscribe">): Promise<string | undefined> {
  return problemOf(await settledConnection(session));
}

function problemOf(connection: NetworkConnection): string | undefined {
  switch (connection.kind) {
    case "live":
    case "scanning":
      return undefined;
    case "refused":
      return texts.problems.refused;
    default:
      return texts.problems.notReachable;
  }
}

/** The connection when it is no longer being made, or has been for too long. */
function settledConnection(session: Pick<Session, "state" | "subscribe">): Promise<NetworkConnection> {
  return new Promise((resolve) => {
    const look = () => {
      const { state } = session;
      const connection: NetworkConnection = state.kind === "open" ? state.connection : { kind: "none" };
      if (connection.kind === "connecting" && !isLate) return;
      unsubscribe?.();
      clearTimeout(timer);
      resolve(connection);
    };
    let isLate = false;
    let unsubscribe: (() => void) | undefined;
    const timer = setTimeout(() => {
      isLate = true;
      look();
    }, CONNECTING_MS);
    unsubscribe = session.subscribe(look);
    look();
  });
}
