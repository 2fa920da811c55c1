import { Amount } from "@bitfleet/ui/amount.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { ChevronDownIcon, EyeIcon, PeopleIcon, WalletIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { useOpenState, useSession } from "../session-provider.tsx";
import { WalletBadge } from "../shared/wallet-badge.tsx";
import classes from "./account-switcher.module.css";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.switcher;

/** Says which wallet and account are on screen, and lets another one take their place. */
export function AccountSwitcher(): ReactElement | null {
  const { account } = useOpenState();
  const [isOpen, setIsOpen] = useState(false);
  if (account === undefined) return null;
  const { wallet } = account;
  return (
    <>
      <button type="button" className={classes.button} aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        {wallet.shared !== undefined ? (
          <PeopleIcon size={18} />
        ) : wallet.kind === "watch" ? (
          <EyeIcon size={18} />
        ) : (
          <WalletIcon />
        )}
        <span className={classes.names}>
          <span className={classes.heard}>{texts.label} </span>
          <strong>{wallet.name}</strong>
          <span>{account.name}</span>
        </span>
        <ChevronDownIcon />
      </button>
      <Dialog isOpen={isOpen} onClose={() => setIsOpen(false)} title={texts.title} size="small">
        <Choices onDone={() => setIsOpen(false)} />
      </Dialog>
    </>
  );
}

function Choices({ onDone }: { readonly onDone: () => void }): ReactElement {
  const session = useSession();
  const { wallets, networks, account: active } = useOpenState();
  const current = useRef<HTMLButtonElement>(null);
  // It has the focus, which a dialog does not scroll to.
  useEffect(() => {
    current.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const show = async (id: string) => {
    onDone();
    try {
      if (id !== active?.id) await session.activateAccount(id);
    } catch (error) {
      toast.failure(texts.failed, error);
    }
  };
  return (
    <>
      {wallets.map((wallet) => (
        <section key={wallet.id} className={classes.wallet}>
          <h3>
            {wallet.name}
            {networks.length > 1 && ` · ${networks.find(({ id }) => id === wallet.networkId)?.name ?? ""}`}
            <WalletBadge wallet={wallet} />
          </h3>
          <ul className={classes.accounts}>
            {wallet.accounts.map((account) => (
              <li key={account.id}>
                <button
                  type="button"
                  className={classes.account}
                  {...(account.id === active?.id && { ref: current, "aria-current": "true", "data-autofocus": true })}
                  onClick={() => void show(account.id)}
                >
                  <span>{account.name}</span>
                  <Amount sats={account.total} />
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <div className={classes.feet}>
        <Button variant="default" renderRoot={(props) => <Link {...props} to="/setup" onClick={onDone} />}>
          {texts.add}
        </Button>
        <Button variant="default" renderRoot={(props) => <Link {...props} to="/wallets" onClick={onDone} />}>
          {texts.manage}
        </Button>
      </div>
    </>
  );
}
