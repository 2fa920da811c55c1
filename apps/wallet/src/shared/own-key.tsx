import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { type ReactElement, useEffect, useId, useState } from "react";
import { Notice } from "../notice.tsx";
import type { WalletSummary } from "../session/records.ts";
import { useOpenState, useSession } from "../session-provider.tsx";
import { HandOut } from "./hand-out.tsx";
import { freeAccount } from "./shared-with.ts";
import { sharedTexts } from "./texts.ts";

const texts = sharedTexts.key;
const ACCOUNT_MAX = 99;

/** The number of an account as it was entered; `undefined` where it is none. */
export function readAccount(entry: string): number | undefined {
  const isCount = /^\d{1,2}$/u.test(entry.trim());
  return isCount ? Number(entry.trim()) : undefined;
}

/** Asks for the number of an account. */
export function AccountField(props: {
  readonly entry: string;
  readonly onChange: (entry: string) => void;
}): ReactElement {
  const { entry, onChange } = props;
  return (
    <Field
      label={texts.account}
      hint={texts.accountHint}
      inputMode="numeric"
      maxLength={2}
      value={entry}
      problem={readAccount(entry) === undefined ? texts.accountWrong(ACCOUNT_MAX) : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export interface OwnKey {
  readonly text?: string;
  readonly problem?: string;
}

/** The key of a phrase of this device for shared wallets, as soon as it is derived. */
export function useOwnKey(walletId: string | undefined, account: number | undefined): OwnKey {
  const session = useSession();
  const [made, setMade] = useState<OwnKey & { readonly of: string }>();
  const wanted = walletId === undefined || account === undefined ? undefined : `${walletId} ${account}`;
  useEffect(() => {
    if (wanted === undefined || walletId === undefined || account === undefined) return;
    let isOver = false;
    const take = (key: OwnKey) => !isOver && setMade({ ...key, of: wanted });
    session.ownCosigner(walletId, account).then(
      (text) => take({ text }),
      (error: unknown) => take({ problem: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isOver = true;
    };
  }, [session, wanted, walletId, account]);
  return made !== undefined && made.of === wanted ? made : {};
}

/** The key of a wallet's words for a shared wallet that somebody else makes. */
export function OwnKeyPart({ wallet }: { readonly wallet: WalletSummary }): ReactElement {
  const { wallets } = useOpenState();
  const [entry, setEntry] = useState(() => String(freeAccount(wallets, wallet.id)));
  const id = useId();
  const { text, problem } = useOwnKey(wallet.id, readAccount(entry));
  return (
    <div className={formClasses.form}>
      <AccountField entry={entry} onChange={setEntry} />
      <div id={id} aria-live="polite">
        {problem !== undefined && <Notice tone="bad">{problem}</Notice>}
        {text === undefined && problem === undefined && readAccount(entry) !== undefined && (
          <p className={formClasses.note}>{texts.deriving}</p>
        )}
        {text !== undefined && <KeyHandOut text={text} />}
      </div>
    </div>
  );
}

/** A key with its origin, to be handed out. */
export function KeyHandOut({ text }: { readonly text: string }): ReactElement {
  return (
    <HandOut
      text={text}
      what={texts.what}
      qrLabel={texts.qrLabel}
      fileName={texts.fileName(text.slice(1, text.indexOf("/")))}
    />
  );
}
