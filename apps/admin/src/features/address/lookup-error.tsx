import { ApiError } from "@bitfleet/api/errors.ts";
import { AlertIcon, ClockIcon } from "@bitfleet/ui/icons.tsx";
import { ErrorMessage, Message } from "@bitfleet/ui/states.tsx";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { texts } from "./texts.ts";

const words = texts.errors;
const ICON_SIZE = 36;

/** Why nothing can be told of an address, and what to do: without the index, while it is made, and for what is no address. */
export function LookupError({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry: () => void;
}): ReactElement {
  if (!(error instanceof ApiError)) return <ErrorMessage error={error} onRetry={onRetry} />;
  if (error.status === 501) {
    return (
      <Message title={words.off} icon={<AlertIcon size={ICON_SIZE} />}>
        {words.offHint}
      </Message>
    );
  }
  if (error.status === 503) {
    return (
      <Message title={words.making} icon={<ClockIcon size={ICON_SIZE} />}>
        {error.message} {words.makingHint}
      </Message>
    );
  }
  if (error.status === 400) {
    return (
      <Message
        title={words.wrong}
        icon={<AlertIcon size={ICON_SIZE} />}
        action={<Link to={"/descriptor" as never}>{words.back}</Link>}
      >
        {error.message}
      </Message>
    );
  }
  return <ErrorMessage error={error} onRetry={onRetry} />;
}
