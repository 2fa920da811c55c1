import type { WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";
import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatFeerate } from "@bitfleet/ui/format.ts";
import { useFeeEstimates } from "@bitfleet/ui/node-queries.ts";
import { readFeerate } from "@bitfleet/ui/payment/entries.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { UNLOCK_SECONDS, useAbandon, useBump, useOwnFeerate, usePayForParent, useUnlock } from "./queries.ts";
import { isOutgoing } from "./standing.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.speed;

interface SpeedPanelProps {
  readonly info: WalletInfo;
  /** One that waits. */
  readonly transaction: WalletTransaction;
  /** Whether this server's node has it; `undefined` until that is known. */
  readonly isKnown: boolean | undefined;
  /** No mempool has it. */
  readonly isMissing: boolean;
  readonly onReplaced: (txid: string) => void;
}

/** What can be done for a transaction that waits: pay more, have a child pay, or give it up. */
export function SpeedPanel({
  info,
  transaction,
  isKnown,
  isMissing,
  onReplaced,
}: SpeedPanelProps): ReactElement | null {
  if (!info.has_private_keys) return null;
  if (isMissing) return <Abandon name={info.name} txid={transaction.txid} />;
  if (!isOutgoing(transaction)) return <Child {...{ info, isKnown }} txid={transaction.txid} onMade={onReplaced} />;
  return <Bump {...{ info, isKnown }} txid={transaction.txid} onReplaced={onReplaced} />;
}

function Bump({
  info,
  txid,
  isKnown,
  onReplaced,
}: {
  readonly info: WalletInfo;
  readonly isKnown: boolean | undefined;
  readonly txid: string;
  readonly onReplaced: (txid: string) => void;
}): ReactElement {
  const confirm = useConfirm();
  const unlock = useUnlock();
  const bump = useBump();
  const go = async ({ feerate, passphrase }: Wish) => {
    const text = texts.bumpText(formatFeerate(feerate));
    if (!(await confirm({ title: texts.bumpQuestion, text, confirmLabel: texts.bumpGo }))) return;
    try {
      if (info.is_locked) await unlock.mutateAsync({ wallet: info.name, passphrase, seconds: UNLOCK_SECONDS });
      const made = await bump.mutateAsync({ wallet: info.name, txid, feerate });
      toast.good(texts.bumped);
      onReplaced(made.txid);
    } catch (error) {
      toast.failure(texts.bumpFailed, error);
    }
  };
  const isBusy = bump.isPending || unlock.isPending;
  return (
    <FeerateForm
      {...{ info, txid, isKnown, isBusy }}
      text={texts.bump}
      goLabel={texts.bumpGo}
      onGo={(wish) => void go(wish)}
    />
  );
}

function Child({
  info,
  txid,
  isKnown,
  onMade,
}: {
  readonly info: WalletInfo;
  readonly isKnown: boolean | undefined;
  readonly txid: string;
  readonly onMade: (txid: string) => void;
}): ReactElement {
  const confirm = useConfirm();
  const unlock = useUnlock();
  const pay = usePayForParent();
  const { name: wallet } = info;
  const go = async ({ feerate, passphrase }: Wish) => {
    try {
      const plan = await pay.mutateAsync({ wallet, txid, feerate, is_preview: true });
      const text = (
        <>
          {texts.childText(formatFeerate(plan.package_feerate))} <Amount sats={BigInt(plan.fee)} />.
        </>
      );
      if (!(await confirm({ title: texts.childQuestion, text, confirmLabel: texts.childGo }))) return;
      if (info.is_locked) await unlock.mutateAsync({ wallet, passphrase, seconds: UNLOCK_SECONDS });
      const made = await pay.mutateAsync({ wallet, txid, feerate });
      toast.good(texts.childMade);
      if (made.txid !== null) onMade(made.txid);
    } catch (error) {
      toast.failure(texts.childFailed, error);
    }
  };
  const isBusy = pay.isPending || unlock.isPending;
  return (
    <FeerateForm
      {...{ info, txid, isKnown, isBusy }}
      text={texts.child}
      goLabel={texts.childGo}
      onGo={(wish) => void go(wish)}
    />
  );
}

function Abandon({ name: wallet, txid }: { readonly name: string; readonly txid: string }): ReactElement {
  const confirm = useConfirm();
  const abandon = useAbandon();
  const go = async () => {
    const question = { title: texts.abandonQuestion, text: texts.abandonText, confirmLabel: texts.abandon };
    if (!(await confirm({ ...question, isDangerous: true }))) return;
    abandon.mutate(
      { wallet, txid },
      {
        onSuccess: () => toast.good(texts.abandoned),
        onError: (error) => toast.failure(texts.abandonFailed, error),
      },
    );
  };
  return (
    <div className={formClasses.form}>
      <p className={formClasses.note}>{texts.abandonHint}</p>
      <div className={formClasses.buttons}>
        <Button variant="default" loading={abandon.isPending} onClick={() => void go()}>
          {texts.abandon}
        </Button>
      </div>
    </div>
  );
}

interface Wish {
  readonly feerate: number;
  /** "" where the wallet is not locked. */
  readonly passphrase: string;
}

interface FeerateFormProps {
  readonly info: WalletInfo;
  readonly txid: string;
  readonly isKnown: boolean | undefined;
  readonly text: string;
  readonly goLabel: string;
  readonly isBusy: boolean;
  readonly onGo: (wish: Wish) => void;
}

/** Asks for a feerate, at first what the next block takes, and more than is paid now; and for the passphrase of a wallet that is locked. */
function FeerateForm({ info, txid, isKnown, text, goLabel, isBusy, onGo }: FeerateFormProps): ReactElement {
  const estimates = useFeeEstimates();
  const [entered, setEntered] = useState<string>();
  const soonest = estimates.data?.find(({ feerate_sat_per_kvb }) => feerate_sat_per_kvb !== null)?.feerate_sat_per_kvb;
  const { feerate: now, isAsking } = useOwnFeerate(txid, isKnown === true);
  const more = now === undefined ? 0 : Math.ceil(now) + 1;
  // Nothing is offered before it is known what is paid now, which is more than the next block may take.
  const isOffered =
    isKnown !== undefined && !isAsking && !estimates.isLoading && (typeof soonest === "number" || more > 0);
  const value = entered ?? (isOffered ? String(Math.max(more, (soonest ?? 0) / 1000)) : "");
  const [passphrase, setPassphrase] = useState("");
  const read = readFeerate(value);
  const isReady = "satsPerKvb" in read && (!info.is_locked || passphrase !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady && !isBusy) onGo({ feerate: read.satsPerKvb / 1000, passphrase });
  };
  return (
    <form className={formClasses.form} aria-label={texts.title} onSubmit={submit}>
      <p className={formClasses.note}>
        {now !== undefined && `${texts.now(formatFeerate(now))} `}
        {text}
      </p>
      <div className={formClasses.buttons}>
        <Field
          label={allTexts.fee.ownLabel}
          inputMode="decimal"
          value={value}
          problem={entered !== undefined && "problem" in read ? read.problem : undefined}
          onChange={(event) => setEntered(event.target.value.trim())}
        />
        {info.is_locked && (
          <Field
            label={allTexts.preview.passphrase}
            type="password"
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
        )}
      </div>
      <div className={formClasses.buttons}>
        <Button type="submit" variant="default" disabled={!isReady} loading={isBusy}>
          {goLabel}
        </Button>
      </div>
    </form>
  );
}
