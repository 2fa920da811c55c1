import { Card } from "@bitfleet/ui/card.tsx";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { InboxIcon, SearchIcon } from "@bitfleet/ui/icons.tsx";
import { Message } from "@bitfleet/ui/states.tsx";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useAccount, useOpenState } from "../../session-provider.tsx";
import classes from "./home.module.css";
import { texts } from "./texts.ts";

/** What to do where nothing was ever paid: how coins are had on this network. That nothing was is said only once somebody has looked. */
export function EmptyWallet(): ReactElement {
  const { connection } = useOpenState();
  const { knownHeight } = useAccount();
  if (connection.kind === "scanning" || knownHeight === undefined) {
    const isOnItsWay = connection.kind !== "offline" && connection.kind !== "refused";
    return (
      <Card>
        <Message title={isOnItsWay ? texts.scanningTitle : texts.unlookedTitle} icon={<SearchIcon />}>
          {isOnItsWay ? texts.scanning : texts.unlooked}
        </Message>
      </Card>
    );
  }
  return (
    <Card>
      <Message
        title={texts.emptyTitle}
        icon={<InboxIcon size={34} />}
        action={
          <Button component={Link} to="/receive">
            {texts.emptyReceive}
          </Button>
        }
      >
        {texts.empty}
      </Message>
      {connection.kind === "live" && connection.facts.hasFaucet && <Faucet url={connection.network.url} />}
    </Card>
  );
}

function Faucet({ url }: { readonly url: string }): ReactElement {
  const account = useAccount();
  const { settings } = useOpenState();
  const { address } = account.freshAddress(settings.addressType);
  const command = `bitfleet faucet ${address}`;
  return (
    <div className={classes.faucet}>
      <p>{texts.faucet}</p>
      <p className={classes.command}>
        <code>{command}</code>
        <CopyButton text={command} label="command" />
      </p>
      <a href={`${url}/network?tab=faucet`} target="_blank" rel="noreferrer">
        {texts.faucetLink}
      </a>
    </div>
  );
}
