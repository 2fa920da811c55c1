import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { AlertIcon, KeyIcon, LockIcon, UnpluggedIcon } from "@bitfleet/ui/icons.tsx";
import { wasLoadedAnew } from "@bitfleet/ui/loaded-anew.ts";
import { NewPassphrase } from "@bitfleet/ui/passphrase/new-passphrase.tsx";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { PASSPHRASE_LENGTH_MIN, VaultError } from "@bitfleet/vault/vault.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useEffect, useState } from "react";
import { useDesktop } from "./desktop-context.tsx";
import frameClasses from "./desktop-frame.module.css";
import { DesktopFrame, FrameCard } from "./desktop-frame.tsx";
import { RestoreForm } from "./restore-form.tsx";
import { desktopTexts } from "./texts.ts";

const texts = desktopTexts.vault;

/** Nothing is kept on this device yet: a passphrase is made, a backup restored, or nothing is wanted. */
export function AbsentScreen(): ReactElement {
  const [isRestoring, setIsRestoring] = useState(false);
  return (
    <DesktopFrame title={texts.absentTitle}>
      <FrameCard title={texts.absentTitle} icon={<KeyIcon size={26} />}>
        <p className={formClasses.note}>{texts.absentText}</p>
        {isRestoring ? <RestoreForm /> : <CreateForm />}
        <div className={frameClasses.aside}>
          <button type="button" className={frameClasses.quiet} onClick={() => setIsRestoring(!isRestoring)}>
            {isRestoring ? desktopTexts.backup.create : desktopTexts.backup.restore}
          </button>
        </div>
        <Without />
      </FrameCard>
    </DesktopFrame>
  );
}

function CreateForm(): ReactElement {
  const { networks } = useDesktop();
  const [passphrase, setPassphrase] = useState("");
  const [isReady, setIsReady] = useState(false);
  const [isTried, setIsTried] = useState(false);
  const { run, isBusy, problem } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (isReady && !isBusy) void run(() => networks.create(passphrase));
  };
  return (
    <form className={formClasses.form} aria-label={texts.absentTitle} onSubmit={submit} noValidate>
      <NewPassphrase
        lengthMin={PASSPHRASE_LENGTH_MIN}
        value={passphrase}
        isTried={isTried}
        isFirst
        onChange={(value, ready) => {
          setPassphrase(value);
          setIsReady(ready);
        }}
      />
      <Problem text={problem} />
      <Button type="submit" loading={isBusy}>
        {texts.create}
      </Button>
    </form>
  );
}

/** The passphrase opens what is kept; after wrong ones a while must pass. */
export function LockedScreen({ news }: { readonly news: string | undefined }): ReactElement {
  const { networks } = useDesktop();
  const [passphrase, setPassphrase] = useState("");
  const [isForgotten, setIsForgotten] = useState(false);
  const { run, isBusy, problem, waitSeconds } = useAction();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (passphrase === "" || isBusy || waitSeconds > 0) return;
    if (!(await run(() => networks.unlock(passphrase)))) setPassphrase("");
  };
  return (
    <DesktopFrame title={texts.lockedTitle}>
      <FrameCard title={texts.lockedTitle} icon={<LockIcon size={26} />}>
        {networks.isFirstLook && wasLoadedAnew() && <p className={formClasses.note}>{texts.lockedByReload}</p>}
        {news !== undefined && <p className={formClasses.note}>{news}</p>}
        <p className={formClasses.note}>{texts.lockedText}</p>
        <form
          className={formClasses.form}
          aria-label={texts.lockedTitle}
          onSubmit={(event) => void submit(event)}
          noValidate
        >
          <PassphraseField
            label={texts.passphrase}
            autoComplete="current-password"
            isFirst
            value={passphrase}
            problem={passphrase === "" ? problem : undefined}
            onChange={setPassphrase}
          />
          <p className={formClasses.note} role="status">
            {waitSeconds > 0 && texts.wait(waitSeconds)}
          </p>
          <Button type="submit" loading={isBusy} disabled={waitSeconds > 0}>
            {texts.unlock}
          </Button>
        </form>
        {isForgotten ? (
          <>
            <p className={formClasses.note}>{texts.forgottenText}</p>
            <Replacement />
            <Without />
            <Removal />
          </>
        ) : (
          <div className={frameClasses.aside}>
            <button type="button" className={frameClasses.quiet} onClick={() => setIsForgotten(true)}>
              {texts.forgotten}
            </button>
          </div>
        )}
      </FrameCard>
    </DesktopFrame>
  );
}

/** What is kept cannot be read. */
export function DamagedScreen({ problem }: { readonly problem: string }): ReactElement {
  return (
    <DesktopFrame title={texts.damagedTitle}>
      <FrameCard title={texts.damagedTitle} icon={<AlertIcon size={26} />}>
        <p className={formClasses.note} role="alert">
          {problem}
        </p>
        <Replacement />
        <Without />
        <Removal />
      </FrameCard>
    </DesktopFrame>
  );
}

/** The process behind the window is away. */
export function UnreachableScreen({ problem }: { readonly problem: string }): ReactElement {
  const { networks } = useDesktop();
  return (
    <DesktopFrame title={texts.unreachableTitle}>
      <FrameCard title={texts.unreachableTitle} icon={<UnpluggedIcon size={26} />}>
        <p className={formClasses.note} role="alert">
          {problem}
        </p>
        <Button onClick={() => void networks.start()}>{texts.retry}</Button>
      </FrameCard>
    </DesktopFrame>
  );
}

/** A backup in the place of what is there. */
function Replacement(): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  if (isOpen) return <RestoreForm isReplacing />;
  return (
    <div className={frameClasses.aside}>
      <button type="button" className={frameClasses.quiet} onClick={() => setIsOpen(true)}>
        {desktopTexts.backup.inItsPlace}
      </button>
    </div>
  );
}

function Without(): ReactElement {
  const { networks } = useDesktop();
  const { run, problem } = useAction();
  return (
    <div className={frameClasses.aside}>
      <button type="button" className={frameClasses.quiet} onClick={() => void run(() => networks.goWithout())}>
        {texts.without}
      </button>
      <span className={formClasses.note}>{texts.withoutHint}</span>
      <Problem text={problem} />
    </div>
  );
}

function Removal(): ReactElement {
  const { networks } = useDesktop();
  const confirm = useConfirm();
  const { run, problem } = useAction();
  const remove = async () => {
    const isSure = await confirm({
      title: texts.removeTitle,
      text: texts.removeText,
      confirmLabel: texts.removeConfirm,
      isDangerous: true,
      typed: texts.removeTyped,
    });
    if (isSure && (await run(() => networks.destroy()))) toast.good(texts.removed);
  };
  return (
    <div className={frameClasses.aside}>
      <button type="button" className={frameClasses.quiet} onClick={() => void remove()}>
        {texts.remove}
      </button>
      <Problem text={problem} />
    </div>
  );
}

function Problem({ text }: { readonly text: string | undefined }): ReactElement | null {
  if (text === undefined) return null;
  return (
    <p className={formClasses.problem} role="alert">
      {text}
    </p>
  );
}

/** Something of the vault that is under way, why it failed, and how long the next try has to wait. `run` answers whether it was done. */
function useAction() {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [waitSeconds, setWaitSeconds] = useState(0);
  useEffect(() => {
    if (waitSeconds === 0) return;
    const timer = setTimeout(() => setWaitSeconds(waitSeconds - 1), 1000);
    return () => clearTimeout(timer);
  }, [waitSeconds]);
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      await action();
      return true;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      if (error instanceof VaultError) setWaitSeconds(Math.ceil((error.retryAfterMs ?? 0) / 1000));
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  return { run, isBusy, problem, waitSeconds };
}
