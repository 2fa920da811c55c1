import { ApiError } from "@bitfleet/api/errors.ts";
import { WalletIcon } from "@bitfleet/ui/icons.tsx";
import { ErrorMessage, Message } from "@bitfleet/ui/states.tsx";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { texts } from "./texts.ts";

/** Why nothing of a wallet can be shown, and what gives this server wallets where it has none. */
export function WalletError({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry: () => void;
}): ReactElement {
  if (!(error instanceof ApiError) || error.status !== 503) return <ErrorMessage error={error} onRetry={onRetry} />;
  return (
    <Message
      title={texts.away.title}
      icon={<WalletIcon size={36} />}
      action={
        <Button variant="default" onClick={onRetry}>
          {texts.away.retry}
        </Button>
      }
    >
      <p>{error.message}</p>
      <p>
        {texts.away.webserver} <code>{texts.away.how}</code>
      </p>
      <p>{texts.away.up}</p>
    </Message>
  );
}
