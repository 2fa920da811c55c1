import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { type FormEvent, type ReactElement, useState } from "react";
import type { SharedSummary, WalletSummary } from "../../session/records.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { cosignerName } from "../../shared/cosigner-name.ts";
import { DescriptorPart } from "../../shared/descriptor-part.tsx";
import sharedClasses from "../../shared/shared.module.css";
import { SignerLine } from "../../shared/signer-line.tsx";
import { TaskEnd } from "../../task-end.tsx";
import { useTask } from "../../use-task.ts";
import classes from "./accounts.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.cosigners;

interface CosignersDialogProps {
  readonly walletId: string;
  readonly onClose: () => void;
}

/** Who signs for a shared wallet, what they are called, and the descriptor that all of them must have. */
export function CosignersDialog({ walletId, onClose }: CosignersDialogProps): ReactElement | null {
  const { wallets } = useOpenState();
  const wallet = wallets.find(({ id }) => id === walletId);
  if (wallet?.shared === undefined) return null;
  return (
    <Dialog isOpen onClose={onClose} title={texts.title(wallet.name)}>
      <p className={classes.text}>{texts.rule(wallet.shared.required, wallet.shared.cosigners.length)}</p>
      <Names wallet={wallet} shared={wallet.shared} />
      <DescriptorPart name={wallet.name} shared={wallet.shared} />
    </Dialog>
  );
}

function Names({ wallet, shared }: { readonly wallet: WalletSummary; readonly shared: SharedSummary }): ReactElement {
  const session = useSession();
  const [names, setNames] = useState(() => shared.cosigners.map(({ name }) => name));
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void task.run(async () => {
      for (const [index, { key, name }] of shared.cosigners.entries()) {
        const wanted = names[index]?.trim() ?? name;
        if (wanted !== name) await session.nameCosigner(wallet.id, key, wanted);
      }
      toast.good(texts.saved);
    });
  };
  return (
    <form className={formClasses.form} onSubmit={submit} noValidate>
      <ul className={sharedClasses.signers}>
        {shared.cosigners.map(({ key, fingerprint, path, owner, name }, index) => (
          <SignerLine
            key={key}
            name={cosignerName({ name, owner, fingerprint }, index)}
            fingerprint={fingerprint}
            path={path}
            owner={owner}
            below={
              <Field
                label={texts.name(index + 1)}
                maxLength={60}
                value={names[index] ?? ""}
                onChange={(event) => setNames(names.map((one, at) => (at === index ? event.target.value : one)))}
              />
            }
          />
        ))}
      </ul>
      <TaskEnd task={task} go={texts.save} />
    </form>
  );
}
