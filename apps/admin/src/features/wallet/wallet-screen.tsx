import { ApiError } from "@bitfleet/api/errors.ts";
import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { PageHead } from "@bitfleet/ui/card.tsx";
import { KeyGate } from "@bitfleet/ui/keys/key-gate.tsx";
import { LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { BalanceTiles } from "./balance-tiles.tsx";
import { HistoryPanel } from "./history-panel.tsx";
import { LoadButton } from "./load-button.tsx";
import { LockButton } from "./lock-button.tsx";
import { useInfo } from "./queries.ts";
import { ReceivePanel } from "./receive-panel.tsx";
import { SecurityPanel } from "./security-panel.tsx";
import { SendPanel } from "./send-panel.tsx";
import { texts } from "./texts.ts";
import { TransactionDialog } from "./transaction-dialog.tsx";
import classes from "./wallet.module.css";
import { WalletBadges } from "./wallet-badges.tsx";
import { WalletError } from "./wallet-error.tsx";

const route = getRouteApi("/wallet/$name");
/** Of what stands below the head while it loads. */
const LOADING_HEIGHT = 84;

/** One wallet: what it has, got and pays. */
export function WalletScreen(): ReactElement {
  const { name } = route.useParams();
  return (
    <KeyGate forRole="wallet">
      <WalletPage key={name} name={name} />
    </KeyGate>
  );
}

function WalletPage({ name }: { readonly name: string }): ReactElement {
  const info = useInfo(name);
  // Not what is left from before it was unloaded.
  if (info.data === undefined || info.error instanceof ApiError) {
    return (
      <>
        <PageHead title={name} />
        {info.error === null ? (
          <LoadingRows count={3} height={LOADING_HEIGHT} label={texts.head.loading} />
        ) : info.error instanceof ApiError && info.error.status === 404 ? (
          <Message title={texts.away.notLoadedTitle(name)} action={<LoadButton name={name} />}>
            {texts.away.notLoaded} <Link to="/wallet">{texts.away.all}</Link>
          </Message>
        ) : (
          <WalletError error={info.error} onRetry={() => void info.refetch()} />
        )}
      </>
    );
  }
  return <LoadedWallet info={info.data} />;
}

function LoadedWallet({ info }: { readonly info: WalletInfo }): ReactElement {
  const { name } = info;
  const { tx, ...search } = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: typeof search & { readonly tx?: string }) =>
    void navigate({ to: "/wallet/$name", params: { name }, search: next, resetScroll: false });
  const show = (txid: string | undefined) => go({ ...search, ...(txid !== undefined && { tx: txid }) });
  // To the history, where the payment stands from now on.
  const sent = (txid: string) => go({ tx: txid });
  const { tabs } = texts;
  return (
    <>
      <PageHead title={name} actions={<LockButton info={info} />}>
        <WalletBadges info={info} />
      </PageHead>
      <BalanceTiles name={name} />
      <div className={classes.tabs}>
        <Tabs
          label={tabs.label}
          tabs={[
            { id: "history", title: tabs.history, panel: () => <HistoryPanel name={name} onOpen={show} /> },
            { id: "receive", title: tabs.receive, panel: () => <ReceivePanel name={name} /> },
            { id: "send", title: tabs.send, panel: () => <SendPanel info={info} onSent={sent} /> },
            { id: "security", title: tabs.security, panel: () => <SecurityPanel info={info} /> },
          ]}
        />
      </div>
      <TransactionDialog info={info} txid={tx} onShow={show} />
    </>
  );
}
