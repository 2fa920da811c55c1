import { Amount } from "@bitfleet/ui/amount.tsx";
import { Badge } from "@bitfleet/ui/badge.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { formatAmount } from "@bitfleet/ui/format.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { chainName } from "../../networks/texts.ts";
import type { AccountSummary, WalletSummary } from "../../session/records.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { sharedWith } from "../../shared/shared-with.ts";
import { WalletBadge } from "../../shared/wallet-badge.tsx";
import classes from "./accounts.module.css";
import type { Opened } from "./opened.ts";
import { SearchNotice } from "./search-notice.tsx";
import { texts } from "./texts.ts";

interface WalletCardProps {
  readonly wallet: WalletSummary;
  readonly onOpen: (opened: Opened) => void;
}

/** One wallet with its accounts and what can be done to it. */
export function WalletCard({ wallet, onOpen }: WalletCardProps): ReactElement {
  const { networks } = useOpenState();
  const network = networks.find(({ id }) => id === wallet.networkId);
  const remove = useWalletRemoval(wallet);
  return (
    <Card>
      <header className={classes.head}>
        <div>
          <h2>
            {wallet.name}
            <WalletBadge wallet={wallet} />
          </h2>
          {network !== undefined && <p>{texts.on(network.name, chainName(network.chain))}</p>}
        </div>
        <div className={classes.buttons}>
          {wallet.kind === "phrase" && (
            <>
              <Button size="xs" variant="default" onClick={() => onOpen({ kind: "add-account", wallet })}>
                {texts.addAccount}
              </Button>
              <Button size="xs" variant="default" onClick={() => onOpen({ kind: "reveal", wallet })}>
                {texts.words}
              </Button>
              <Button
                size="xs"
                variant="default"
                aria-label={texts.ownKey.of(wallet.name)}
                onClick={() => onOpen({ kind: "own-key", wallet })}
              >
                {texts.ownKey.button}
              </Button>
            </>
          )}
          {wallet.shared !== undefined && (
            <Button
              size="xs"
              variant="default"
              aria-label={texts.cosigners.of(wallet.name)}
              onClick={() => onOpen({ kind: "cosigners", wallet })}
            >
              {texts.cosigners.button}
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            aria-label={texts.search.of(wallet.name)}
            onClick={() => onOpen({ kind: "search", wallet })}
          >
            {texts.search.button}
          </Button>
          <Button
            size="xs"
            variant="default"
            aria-label={texts.renameOf(wallet.name)}
            onClick={() => onOpen({ kind: "rename-wallet", wallet })}
          >
            {texts.rename}
          </Button>
          <Button
            size="xs"
            variant="default"
            className={classes.danger ?? ""}
            aria-label={texts.removeOf(wallet.name)}
            onClick={() => void remove()}
          >
            {texts.remove}
          </Button>
        </div>
      </header>
      <SearchNotice walletId={wallet.id} />
      <ul className={classes.accounts} aria-label={texts.accounts(wallet.name)}>
        {wallet.accounts.map((account) => (
          <AccountRow key={account.id} wallet={wallet} account={account} onOpen={onOpen} />
        ))}
      </ul>
    </Card>
  );
}

function AccountRow({ wallet, account, onOpen }: WalletCardProps & { readonly account: AccountSummary }): ReactElement {
  const session = useSession();
  const { account: active } = useOpenState();
  const remove = useAccountRemoval(account);
  const isActive = active?.id === account.id;
  const show = () =>
    session.activateAccount(account.id).catch((error: unknown) => toast.failure(texts.showFailed, error));
  return (
    <li>
      <span className={classes.name}>
        {account.name}
        {isActive && <Badge tone="good">{texts.active}</Badge>}
      </span>
      <Amount sats={account.total} />
      <div className={classes.buttons}>
        {isActive ? (
          <Button size="xs" variant="default" onClick={() => onOpen({ kind: "keys", name: account.name })}>
            {texts.details}
          </Button>
        ) : (
          <Button size="xs" variant="default" aria-label={texts.showOf(account.name)} onClick={() => void show()}>
            {texts.show}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          aria-label={texts.renameOf(account.name)}
          onClick={() => onOpen({ kind: "rename-account", wallet, account })}
        >
          {texts.rename}
        </Button>
        {wallet.accounts.length > 1 && (
          <Button
            size="xs"
            variant="default"
            className={classes.danger ?? ""}
            aria-label={texts.removeOf(account.name)}
            onClick={() => void remove()}
          >
            {texts.remove}
          </Button>
        )}
      </div>
    </li>
  );
}

function useWalletRemoval(wallet: WalletSummary): () => Promise<void> {
  const session = useSession();
  const { wallets } = useOpenState();
  const confirm = useConfirm();
  const unit = useUnit();
  const { title, phrase, watch, shared, signsFor, has, go, failed } = texts.removeWallet;
  const total = wallet.accounts.reduce((sum, account) => sum + account.total, 0n);
  return async () => {
    const others = sharedWith(wallets, wallet.id);
    const sentences = [
      ...(total > 0n ? [has(`${formatAmount(total, unit)} ${unit}`)] : []),
      wallet.kind === "phrase" ? phrase : wallet.shared === undefined ? watch : shared,
      ...(others.length > 0 ? [signsFor(others.join(", "))] : []),
    ];
    const text = sentences.join(" ");
    const isMeant = await confirm({
      title: title(wallet.name),
      text,
      typed: wallet.name,
      confirmLabel: go,
      isDangerous: true,
    });
    if (isMeant) await session.removeWallet(wallet.id).catch((error: unknown) => toast.failure(failed, error));
  };
}

function useAccountRemoval(account: AccountSummary): () => Promise<void> {
  const session = useSession();
  const confirm = useConfirm();
  const { title, text, go, failed } = texts.removeAccount;
  return async () => {
    const isMeant = await confirm({ title: title(account.name), text, confirmLabel: go, isDangerous: true });
    if (isMeant) await session.removeAccount(account.id).catch((error: unknown) => toast.failure(failed, error));
  };
}
