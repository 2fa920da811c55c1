import type { WalletListing } from "@bitfleet/api/rest/wallets.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { useNodeUrl } from "@bitfleet/ui/api-provider.tsx";
import { PageHead } from "@bitfleet/ui/card.tsx";
import { ChevronRightIcon, PlusIcon, WalletIcon } from "@bitfleet/ui/icons.tsx";
import { KeyGate } from "@bitfleet/ui/keys/key-gate.tsx";
import { useWalletKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { walletAppUrl } from "@bitfleet/ui/wallet-app.ts";
import { useWallets } from "@bitfleet/ui/wallet-queries.ts";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { CreateDialog } from "./create-dialog.tsx";
import { LoadButton } from "./load-button.tsx";
import { useBalance } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";
import { WalletError } from "./wallet-error.tsx";
import classes from "./wallets-screen.module.css";

const texts = allTexts.list;
const ROW_HEIGHT = 74;

/** The wallets that the node keeps. */
export function WalletsScreen(): ReactElement {
  const { isKnown } = useWalletKey();
  const [isCreating, setIsCreating] = useState(false);
  const nodeUrl = useNodeUrl();
  const walletApp = walletAppUrl(nodeUrl);
  const create = () => setIsCreating(true);
  return (
    <>
      <PageHead
        title={texts.title}
        actions={
          isKnown && (
            <Button leftSection={<PlusIcon />} onClick={create}>
              {texts.create}
            </Button>
          )
        }
      >
        {texts.about} {texts.elsewhere}{" "}
        {walletApp === undefined ? `${texts.walletApp}.` : <a href={walletApp}>{texts.walletApp}</a>}
      </PageHead>
      <KeyGate forRole="wallet">
        <WalletList onCreate={create} />
      </KeyGate>
      <CreateDialog isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </>
  );
}

function WalletList({ onCreate }: { readonly onCreate: () => void }): ReactElement {
  const wallets = useWallets();
  if (wallets.data === undefined) {
    if (wallets.error !== null) return <WalletError error={wallets.error} onRetry={() => void wallets.refetch()} />;
    return <LoadingRows count={3} height={ROW_HEIGHT} label={texts.loading} />;
  }
  if (wallets.data.length === 0) {
    return (
      <Message
        title={texts.emptyTitle}
        icon={<WalletIcon size={36} />}
        action={<Button onClick={onCreate}>{texts.create}</Button>}
      >
        {texts.empty}
      </Message>
    );
  }
  return (
    <ul className={classes.list} aria-label={texts.title}>
      {wallets.data.map((wallet) => (
        <WalletRow key={wallet.name} wallet={wallet} />
      ))}
    </ul>
  );
}

function WalletRow({ wallet: { name, is_loaded, is_own } }: { readonly wallet: WalletListing }): ReactElement {
  const { data: balance } = useBalance(name, is_loaded);
  return (
    <li className={classes.row} data-loaded={is_loaded}>
      <span className={classes.icon}>
        <WalletIcon size={20} />
      </span>
      <span className={classes.name}>
        {name === "" ? (
          <span>{texts.unnamed}</span>
        ) : is_loaded ? (
          <Link to="/wallet/$name" params={{ name }} className={classes.link}>
            {name}
          </Link>
        ) : (
          <span>{name}</span>
        )}
        <small>
          {[is_own && texts.own, !is_loaded && texts.notLoaded, name === "" && texts.unnamedHint]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </span>
      {is_loaded ? (
        <>
          <span className={classes.balance}>
            {balance === undefined ? (
              <span className={classes.missing} />
            ) : (
              <strong>
                <Amount sats={BigInt(balance.confirmed)} />
              </strong>
            )}
            <small>
              {balance !== undefined && balance.unconfirmed > 0 ? (
                <>
                  <Amount sats={BigInt(balance.unconfirmed)} /> {texts.pending}
                </>
              ) : (
                texts.available
              )}
            </small>
          </span>
          <ChevronRightIcon />
        </>
      ) : (
        <LoadButton name={name} />
      )}
    </li>
  );
}
