import { useAgeText } from "@bitfleet/ui/clock.ts";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Button } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { RefusedActions } from "../networks/refused-actions.tsx";
import { Notice } from "../notice.tsx";
import { useAccount, useOpenState, useSession } from "../session-provider.tsx";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.reachable;

/** Says what is shown where the network is not followed: of when it is, and why there is nothing newer. Nothing while all is well. */
export function Reachability(): ReactElement | null {
  const { connection } = useOpenState();
  switch (connection.kind) {
    // What comes and goes within a moment would move the page: the pill above says it.
    case "none":
    case "connecting":
    case "live":
      return null;
    case "scanning":
      return (
        <Shown tone="plain">{texts.scanning(formatCount(connection.looked), formatCount(connection.found))}</Shown>
      );
    case "offline":
      return (
        <Shown tone="warn" detail={connection.problem} hasHeight action={<Retry />}>
          <OfflineAge sinceMs={connection.sinceMs} />
        </Shown>
      );
    case "refused":
      return (
        <Shown tone="bad" detail={texts.refused} hasHeight action={<RefusedActions />}>
          {connection.problem}
        </Shown>
      );
  }
}

function OfflineAge({ sinceMs }: { readonly sinceMs: number }): ReactElement {
  const age = useAgeText(Math.floor(sinceMs / 1000));
  return <>{texts.offline(age)}</>;
}

function Retry(): ReactElement {
  const session = useSession();
  return (
    <Button size="xs" variant="default" onClick={() => session.retryNow()}>
      {texts.retry}
    </Button>
  );
}

interface ShownProps {
  readonly tone: "plain" | "warn" | "bad";
  readonly detail?: string;
  /** Says up to which block all is known. */
  readonly hasHeight?: boolean;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

function Shown({ tone, detail, hasHeight = false, action, children }: ShownProps): ReactElement {
  const { knownHeight } = useAccount();
  const height = hasHeight && knownHeight !== undefined ? texts.height(formatCount(knownHeight)) : undefined;
  return (
    <div role="status" data-testid="reachability">
      <Notice tone={tone} actions={action}>
        {children} {detail} {height}
      </Notice>
    </div>
  );
}
