import { Card } from "@bitfleet/ui/card.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { type ReactElement, useEffect, useId, useState } from "react";
import { TextArea } from "../../money/text-area.tsx";
import { Notice } from "../../notice.tsx";
import { ScanButton } from "../../scan/scan-button.tsx";
import { cosignerWanted } from "../../scan/wanted.ts";
import type { WalletSummary } from "../../session/records.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { AccountField, KeyHandOut, readAccount, useOwnKey } from "../../shared/own-key.tsx";
import { freeAccount } from "../../shared/shared-with.ts";
import { TextFileButton } from "../../shared/text-file-button.tsx";
import { sharedTexts } from "../../shared/texts.ts";
import classes from "./onboarding.module.css";
import { type SlotDraft, textOfSlot } from "./share-draft.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.share;

interface ShareKeyProps {
  readonly slot: SlotDraft;
  readonly networkId: string;
  /** The wallets of this device that have words. */
  readonly own: readonly WalletSummary[];
  /** Whether what is missing is said. */
  readonly isTried: boolean;
  readonly onChange: (change: Partial<SlotDraft>) => void;
}

/** One of the keys of a wallet that is to be shared: of words that are here, or from somebody else. */
export function ShareKey({ slot, networkId, own, isTried, onChange }: ShareKeyProps): ReactElement {
  const { wallets } = useOpenState();
  const id = useId();
  const { walletId, name } = slot;
  const title = texts.key(slot.id + 1);
  return (
    <Card title={title}>
      <div className={formClasses.form}>
        <div className={formClasses.pair}>
          <div className={formClasses.select}>
            <label htmlFor={id}>{texts.from}</label>
            <select
              id={id}
              value={walletId ?? ""}
              onChange={(event) => {
                const chosen = event.target.value || undefined;
                const account = chosen === undefined ? "0" : String(freeAccount(wallets, chosen));
                onChange({ walletId: chosen, account, ownText: undefined });
              }}
            >
              {own.map((wallet) => (
                <option key={wallet.id} value={wallet.id}>
                  {texts.fromWallet(wallet.name)}
                </option>
              ))}
              <option value="">{texts.fromOthers}</option>
            </select>
          </div>
          <Field
            label={texts.name}
            hint={texts.nameHint}
            maxLength={60}
            value={name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        </div>
        {walletId === undefined ? (
          <OthersKey slot={slot} networkId={networkId} isTried={isTried} onChange={onChange} />
        ) : (
          <OwnKeyOf slot={slot} onChange={onChange} />
        )}
      </div>
    </Card>
  );
}

function OwnKeyOf({ slot, onChange }: Pick<ShareKeyProps, "slot" | "onChange">): ReactElement {
  const account = readAccount(slot.account);
  const { text, problem } = useOwnKey(slot.walletId, account);
  const { ownText } = slot;
  // While another one is derived there is none.
  useEffect(() => {
    if (text !== ownText) onChange({ ownText: text });
  }, [text, ownText, onChange]);
  return (
    <>
      <AccountField entry={slot.account} onChange={(entry) => onChange({ account: entry })} />
      {problem !== undefined && <Notice tone="bad">{problem}</Notice>}
      {text === undefined && problem === undefined && account !== undefined && (
        <p className={formClasses.note} role="status">
          {sharedTexts.key.deriving}
        </p>
      )}
      {text !== undefined && (
        <details className={classes.give}>
          <summary>{texts.give}</summary>
          <KeyHandOut text={text} />
        </details>
      )}
    </>
  );
}

function OthersKey({ slot, networkId, isTried, onChange }: Omit<ShareKeyProps, "own">): ReactElement {
  const session = useSession();
  /** Of what is shown no more: a private key that was pasted, a file that is none. */
  const [refusal, setRefusal] = useState<string>();
  const text = textOfSlot(slot);
  const read = text === "" ? undefined : session.readCosigner(text, networkId);
  const key = read !== undefined && !("error" in read) ? read : undefined;
  const problem =
    read !== undefined && "error" in read
      ? read.error
      : (refusal ?? (isTried && text === "" ? texts.missing : undefined));
  const take = (entered: string) => {
    const found = entered.trim() === "" ? undefined : session.readCosigner(entered, networkId);
    const isSecret = found !== undefined && "error" in found && found.isSecret;
    setRefusal(isSecret ? found.error : undefined);
    // In its usual form, out of whatever file it came in; and nothing of what is secret.
    const isFile = entered.trimStart().startsWith("{") && found !== undefined && !("error" in found);
    onChange({ text: isSecret ? "" : isFile ? found.text : entered });
  };
  const wanted = cosignerWanted((scanned) => {
    const found = session.readCosigner(scanned, networkId);
    return "error" in found ? found.error : undefined;
  });
  return (
    <>
      <TextArea
        label={texts.text}
        hint={key === undefined ? texts.textHint : texts.good(key.fingerprint ?? "", key.path)}
        isMono
        rows={3}
        autoCapitalize="none"
        value={slot.text}
        problem={problem}
        onChange={(event) => take(event.target.value)}
      />
      {key !== undefined && key.warnings.length > 0 && (
        <Notice tone="warn" role="status">
          {key.warnings.join(" ")}
        </Notice>
      )}
      <div className={formClasses.buttons}>
        <ScanButton wanted={wanted} onTake={take} />
        <TextFileButton
          label={texts.file(slot.id + 1)}
          onText={take}
          onProblem={(problem) => {
            setRefusal(problem);
            onChange({ text: "" });
          }}
        />
      </div>
    </>
  );
}
