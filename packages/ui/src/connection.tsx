import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { Age } from "./age.tsx";
import { useAnswers, useConnection } from "./api-provider.tsx";
import classes from "./connection.module.css";
import { desktopSession } from "./desktop/desktop-session.ts";
import { formatClock } from "./format.ts";
import { ClockIcon, UnpluggedIcon } from "./icons.tsx";
import type { ConnectionState } from "./live-events.ts";
import { StatePill } from "./state-pill.tsx";

const LABELS: Readonly<Record<ConnectionState, string>> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  polling: "Polling",
  offline: "Offline",
};

const EXPLANATIONS: Readonly<Record<ConnectionState, string>> = {
  connecting: "Opening the stream of events",
  live: "Blocks appear here the moment the node accepts them",
  reconnecting: "The stream of events broke and is being opened again",
  polling: "The node answers, but its stream of events does not open: the page asks every five seconds",
  offline: "The node does not answer",
};

/** The state of the connection in one word. */
export function ConnectionPill(): ReactElement {
  const { state } = useConnection();
  return <StatePill state={state} label={LABELS[state]} explanation={EXPLANATIONS[state]} />;
}

/** Says that the node is away and what to do about it, or that it takes long to answer. It floats above the page, so that nothing moves when it comes and goes. */
export function ConnectionNotice(): ReactElement {
  const { state, retryNow } = useConnection();
  const { isSlow, lastMs } = useAnswers();
  return (
    <div className={classes.place} role="status">
      {state !== "offline" && isSlow && (
        <div className={classes.notice} data-tone="slow">
          <span className={classes.icon}>
            <ClockIcon size={22} />
          </span>
          <div className={classes.text}>
            <strong>Still waiting for the node</strong>
            <span>It takes its time to answer. What is missing comes by itself.</span>
          </div>
        </div>
      )}
      {state === "offline" && (
        <div className={classes.notice}>
          <span className={classes.icon}>
            <UnpluggedIcon size={22} />
          </span>
          <div className={classes.text}>
            <strong>The node does not answer</strong>
            <span>
              {lastMs === undefined ? (
                "It has not answered since this page was opened."
              ) : (
                <>
                  What you see is of its last answer, at {formatClock(lastMs / 1000, true)} (
                  <Age unixSeconds={Math.floor(lastMs / 1000)} />
                  ).
                </>
              )}{" "}
              {desktopSession() === undefined ? (
                <>
                  Start the node again with <code>npm start</code>; this page then continues by itself.
                </>
              ) : (
                "This page continues by itself when it is back. Other networks are in the list at the top."
              )}
            </span>
          </div>
          <Button size="xs" onClick={retryNow}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
