import { useAgeText } from "@bitfleet/ui/clock.ts";
import { formatCount } from "@bitfleet/ui/format.ts";
import { AlertIcon, ClockIcon, SearchIcon, UnpluggedIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { useAccount, useOpenState, useSession } from "../session-provider.tsx";
import classes from "./money.module.css";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.reachable;

/** Says what is shown where the network is not followed: of when it is, and why there is nothing newer. Nothing while all is well. */
export function Reachability(): ReactElement | null {
  const { connection } = useOpenState();
  switch (connection.kind) {
    case "none":
    case "live":
      return null;
    case "connecting":
      return (
        <Notice tone="plain" icon={<ClockIcon size={20} />} height>
          {texts.connecting}
        </Notice>
      );
    case "scanning":
      return (
        <Notice tone="plain" icon={<SearchIcon />}>
          {texts.scanning(formatCount(connection.looked), formatCount(connection.found))}
        </Notice>
      );
    case "offline":
      return (
        <Notice tone="warn" icon={<UnpluggedIcon size={20} />} detail={connection.problem} height action={<Retry />}>
          <OfflineAge sinceMs={connection.sinceMs} />
        </Notice>
      );
    case "refused":
      return (
        <Notice tone="bad" icon={<AlertIcon size={20} />} detail={texts.refused} height>
          {connection.problem}
        </Notice>
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

interface NoticeProps {
  readonly tone: "plain" | "warn" | "bad";
  readonly icon: ReactElement;
  readonly detail?: string;
  /** Says up to which block all is known. */
  readonly height?: boolean;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

function Notice({ tone, icon, detail, height = false, action, children }: NoticeProps): ReactElement {
  const { knownHeight } = useAccount();
  return (
    <div className={classes.notice} data-tone={tone} role="status" data-testid="reachability">
      {icon}
      <div>
        <p>{children}</p>
        <small>
          {detail} {height && knownHeight !== undefined && texts.height(formatCount(knownHeight))}
        </small>
      </div>
      {action}
    </div>
  );
}
