import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../../notice.tsx";
import type { WalletSummary } from "../../session/records.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { sharedWith } from "../../shared/shared-with.ts";
import { TaskEnd } from "../../task-end.tsx";
import { useTask } from "../../use-task.ts";
import { WordList } from "../../words/word-list.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.reveal;

interface RevealDialogProps {
  readonly wallet: WalletSummary;
  readonly onClose: () => void;
}

/** The words of a wallet, behind the passphrase, and hidden once more until they are asked for. */
export function RevealDialog({ wallet, onClose }: RevealDialogProps): ReactElement {
  const session = useSession();
  const { wallets } = useOpenState();
  const shared = sharedWith(wallets, wallet.id);
  const [passphrase, setPassphrase] = useState("");
  const [isTried, setIsTried] = useState(false);
  const [words, setWords] = useState<readonly string[]>();
  const [isShown, setIsShown] = useState(false);
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (passphrase === "") return;
    void task.run(async () => {
      const phrase = await session.revealPhrase(wallet.id, passphrase);
      setPassphrase("");
      setWords(phrase.split(" "));
    });
  };
  return (
    <Dialog isOpen onClose={onClose} title={texts.title(wallet.name)} size={words === undefined ? "small" : "medium"}>
      {words === undefined ? (
        <form className={formClasses.form} onSubmit={submit} noValidate>
          <Notice tone="warn">{texts.text}</Notice>
          <PassphraseField
            label={texts.passphrase}
            autoComplete="current-password"
            value={passphrase}
            isFirst
            problem={isTried && passphrase === "" ? texts.missing : undefined}
            onChange={(value) => {
              setPassphrase(value);
              task.clear();
            }}
          />
          <TaskEnd task={task} go={texts.go} isInDialog />
        </form>
      ) : (
        <div className={formClasses.form}>
          <WordList words={words} isShown={isShown} onShow={() => setIsShown(true)} />
          {shared.length > 0 && <Notice tone="warn">{texts.shared(shared.join(", "))}</Notice>}
          <p className={formClasses.note}>{texts.hasPassphrase}</p>
          <DialogButtons>
            <Button variant="default" onClick={onClose}>
              {texts.done}
            </Button>
          </DialogButtons>
        </div>
      )}
    </Dialog>
  );
}
