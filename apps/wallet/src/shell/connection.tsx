import { formatCount } from "@bitfleet/ui/format.ts";
import { StatePill } from "@bitfleet/ui/state-pill.tsx";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { NetworkConnection } from "../session/session.ts";
import { useOpenState } from "../session-provider.tsx";
import classes from "./connection.module.css";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.connection;

/** How the network of the account is reached, in one word; leads to where it is set. */
export function ConnectionPill(): ReactElement {
  const { connection } = useOpenState();
  const look = lookOf(connection);
  return (
    <Link to="/settings" hash="networks" className={classes.link ?? ""} aria-label={texts.leads(look.label)}>
      <StatePill {...look} />
    </Link>
  );
}

function lookOf(connection: NetworkConnection): Parameters<typeof StatePill>[0] {
  switch (connection.kind) {
    case "none":
      return { state: "connecting", label: texts.none, explanation: texts.noneHint };
    case "connecting":
      return {
        state: "connecting",
        label: texts.connecting,
        explanation: texts.connectingHint(connection.network.name),
      };
    case "scanning":
      return {
        state: "polling",
        label: texts.scanning,
        explanation: texts.scanningHint(formatCount(connection.looked), formatCount(connection.found)),
      };
    case "live": {
      const { network, facts, by } = connection;
      const height = formatCount(facts.tipHeight);
      return by === "events"
        ? { state: "live", label: texts.live, explanation: texts.liveHint(network.name, height) }
        : { state: "polling", label: texts.polling, explanation: texts.pollingHint(network.name, height) };
    }
    case "offline":
      return { state: "offline", label: texts.offline, explanation: connection.problem };
    case "refused":
      return { state: "offline", label: texts.refused, explanation: connection.problem };
  }
}
