import { ApiError } from "@bitfleet/api/errors.ts";
import { Button, Skeleton } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { desktopSession } from "./desktop/desktop-session.ts";
import { AlertIcon, CubeIcon, UnpluggedIcon } from "./icons.tsx";
import { KeyForm } from "./key-form.tsx";
import classes from "./states.module.css";
import { textsOf } from "./texts.ts";

const texts = textsOf({
  en: {
    away: "The node does not answer",
    awayHint: "Start it with",
    awayBack: "This page continues by itself as soon as the node is back.",
    retry: "Try again",
    key: "This node asks for a key",
    keyHint: "makes one for reading.",
    failed: "This could not be loaded",
    unknown: "An unknown error.",
  },
});

interface MessageProps {
  readonly title: string;
  /** Of the heading: 1 where the message is the whole page. */
  readonly level?: 1 | 2;
  readonly icon?: ReactElement;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** A message in the place of content: what is so, why, and what to do. */
export function Message({ title, level = 2, icon, children, action }: MessageProps): ReactElement {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className={classes.message}>
      <span className={classes.icon}>{icon ?? <CubeIcon size={36} />}</span>
      <Heading>{title}</Heading>
      <div className={classes.text}>{children}</div>
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  );
}

/** Why there is no content, from the error that a query ended with. */
export function ErrorMessage({
  error,
  level = 2,
  onRetry,
}: {
  readonly error: unknown;
  readonly level?: 1 | 2;
  readonly onRetry?: () => void;
}): ReactElement {
  // The desktop's process passes requests on, and answers itself where nothing else does.
  const isDesktop = desktopSession() !== undefined;
  const isAway = error instanceof ApiError && (error.status === 0 || (isDesktop && isOfGateway(error)));
  const retry = onRetry !== undefined && (
    <Button variant="default" onClick={onRetry}>
      {texts.retry}
    </Button>
  );
  if (isAway) {
    return (
      <div data-says-away={level === 1}>
        <Message level={level} title={texts.away} icon={<UnpluggedIcon size={36} />} action={retry}>
          {isDesktop ? (
            error.message
          ) : (
            <>
              {texts.awayHint} <code>npm start</code>.
            </>
          )}{" "}
          {texts.awayBack}
        </Message>
      </div>
    );
  }
  if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
    return (
      <Message level={level} title={texts.key} icon={<AlertIcon size={36} />} action={<KeyForm />}>
        {error.message} <code>bitfleet keys add NAME --role public</code> {texts.keyHint}
      </Message>
    );
  }
  return (
    <div role="alert">
      <Message level={level} title={texts.failed} icon={<AlertIcon size={36} />} action={retry}>
        {error instanceof Error ? error.message : texts.unknown}
      </Message>
    </div>
  );
}

const isOfGateway = ({ status }: ApiError) => status === 502 || status === 504;

/** Rows in the making, as high as what will take their place. */
export function LoadingRows({
  count,
  height,
  label,
}: {
  readonly count: number;
  readonly height: number;
  readonly label: string;
}): ReactElement {
  return (
    <div className={classes.rows} role="status" aria-label={label}>
      {Array.from({ length: count }, (_, index) => index).map((index) => (
        <Skeleton key={index} height={height} radius="md" />
      ))}
    </div>
  );
}
