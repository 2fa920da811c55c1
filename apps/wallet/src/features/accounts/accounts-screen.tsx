import { PageHead } from "@bitfleet/ui/card.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { PlusIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { OwnKeyPart } from "../../shared/own-key.tsx";
import classes from "./accounts.module.css";
import { CosignersDialog } from "./cosigners-dialog.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { NameDialog } from "./name-dialog.tsx";
import type { Opened } from "./opened.ts";
import { RevealDialog } from "./reveal-dialog.tsx";
import { SearchDialog } from "./search-dialog.tsx";
import { texts } from "./texts.ts";
import { WalletCard } from "./wallet-card.tsx";

/** All wallets of this device and their accounts. */
export function AccountsScreen(): ReactElement {
  const { wallets, account } = useOpenState();
  const [opened, setOpened] = useState<Opened>();
  return (
    <>
      <PageHead
        title={texts.title}
        actions={
          <>
            {account !== undefined && (
              <Button component={Link} to="/sweep" variant="default">
                {texts.sweep}
              </Button>
            )}
            <Button component={Link} to="/setup" leftSection={<PlusIcon />}>
              {texts.add}
            </Button>
          </>
        }
      >
        {texts.about}
      </PageHead>
      <div className={classes.list}>
        {wallets.map((wallet) => (
          <WalletCard key={wallet.id} wallet={wallet} onOpen={setOpened} />
        ))}
      </div>
      {opened !== undefined && <OpenedDialog opened={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function OpenedDialog({ opened, onClose }: { readonly opened: Opened; readonly onClose: () => void }): ReactElement {
  const session = useSession();
  const { wallets } = useOpenState();
  switch (opened.kind) {
    case "rename-wallet":
      return (
        <NameDialog
          title={texts.name.wallet}
          begin={opened.wallet.name}
          saveLabel={texts.name.save}
          taken={wallets.filter(({ id }) => id !== opened.wallet.id).map(({ name }) => name)}
          onSave={(name) => session.renameWallet(opened.wallet.id, name)}
          onClose={onClose}
        />
      );
    case "rename-account":
      return (
        <NameDialog
          title={texts.name.account}
          begin={opened.account.name}
          saveLabel={texts.name.save}
          taken={opened.wallet.accounts.filter(({ id }) => id !== opened.account.id).map(({ name }) => name)}
          onSave={(name) => session.renameAccount(opened.account.id, name)}
          onClose={onClose}
        />
      );
    case "add-account":
      return (
        <NameDialog
          title={texts.name.newAccount}
          hint={texts.name.accountHint}
          begin={texts.name.next(opened.wallet.accounts.length + 1)}
          saveLabel={texts.name.add}
          taken={opened.wallet.accounts.map(({ name }) => name)}
          onSave={(name) => session.addAccount(opened.wallet.id, name)}
          onClose={onClose}
        />
      );
    case "reveal":
      return <RevealDialog wallet={opened.wallet} onClose={onClose} />;
    case "search":
      return <SearchDialog wallet={opened.wallet} onClose={onClose} />;
    case "own-key":
      return (
        <Dialog isOpen onClose={onClose} title={texts.ownKey.title(opened.wallet.name)}>
          <p className={classes.text}>{texts.ownKey.text}</p>
          <OwnKeyPart wallet={opened.wallet} />
        </Dialog>
      );
    case "cosigners":
      return <CosignersDialog walletId={opened.wallet.id} onClose={onClose} />;
    case "keys":
      return <KeysDialog name={opened.name} onClose={onClose} />;
  }
}
