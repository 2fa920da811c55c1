import { Card } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { COSIGNERS_MAX, COSIGNERS_MIN } from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../../notice.tsx";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { freeAccount } from "../../shared/shared-with.ts";
import { StepPage } from "../../step-page.tsx";
import classes from "./onboarding.module.css";
import {
  cosignersOf,
  newShareDraft,
  type ShareDraft,
  textOfSlot,
  withCount,
  withOwners,
  withSlot,
} from "./share-draft.ts";
import { ShareKey } from "./share-key.tsx";
import { texts as allTexts } from "./texts.ts";
import { type Setup, useChosenNetwork } from "./use-setup.ts";

const texts = allTexts.share;

const countsFrom = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** How many keys, how many of them sign, and each of them. Nothing is made before it was compared. */
export function ShareStep({ setup }: { readonly setup: Setup }): ReactElement | null {
  const session = useSession();
  const { wallets } = useOpenState();
  const network = useChosenNetwork(setup.draft);
  const own = wallets.filter(({ kind, networkId }) => kind === "phrase" && networkId === network?.id);
  const [first] = useState(() =>
    newShareDraft(own[0] && { walletId: own[0].id, account: freeAccount(wallets, own[0].id) }),
  );
  // Chosen on another network they are not there.
  const draft = withOwners(
    setup.draft.share ?? first,
    own.map(({ id }) => id),
  );
  const [isTried, setIsTried] = useState(false);
  const [problem, setProblem] = useState<string>();
  const change = (next: (before: ShareDraft) => ShareDraft) => {
    setProblem(undefined);
    setup.change(({ share }) => ({
      share: next(
        withOwners(
          share ?? first,
          own.map(({ id }) => id),
        ),
      ),
    }));
  };
  if (network === undefined) return null;
  const { required, slots } = draft;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    const isWhole = slots.every((slot) => !("error" in session.readCosigner(textOfSlot(slot), network.id)));
    if (!isWhole) return setProblem(texts.notYet);
    const facts = session.readShared({ networkId: network.id, required, cosigners: cosignersOf(draft) });
    if ("error" in facts) return setProblem(facts.error);
    setup.change(() => ({ share: draft }));
    setup.go("compare");
  };
  return (
    <StepPage title={texts.title} about={texts.about} onBack={setup.back} isFurther>
      <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.title}>
        <Card>
          <div className={formClasses.form}>
            <div className={formClasses.pair}>
              <div className={formClasses.select}>
                <label htmlFor="share-count">{texts.count}</label>
                <select
                  id="share-count"
                  value={slots.length}
                  aria-describedby="share-count-note"
                  onChange={(event) => change((before) => withCount(before, Number(event.target.value)))}
                >
                  {countsFrom(COSIGNERS_MIN, COSIGNERS_MAX).map((count) => (
                    <option key={count}>{count}</option>
                  ))}
                </select>
                <span id="share-count-note">{texts.countHint(COSIGNERS_MIN, COSIGNERS_MAX)}</span>
              </div>
              <div className={formClasses.select}>
                <label htmlFor="share-required">{texts.required}</label>
                <select
                  id="share-required"
                  value={required}
                  aria-describedby="share-required-note"
                  onChange={(event) => change((before) => ({ ...before, required: Number(event.target.value) }))}
                >
                  {countsFrom(1, slots.length).map((count) => (
                    <option key={count}>{count}</option>
                  ))}
                </select>
                <span id="share-required-note" role="status">
                  {required === slots.length ? texts.all : required === 1 ? texts.one : ""}
                </span>
              </div>
            </div>
          </div>
        </Card>
        <ol className={classes.keys} aria-label={texts.keys}>
          {slots.map((slot) => (
            <li key={slot.id}>
              <ShareKey
                slot={slot}
                networkId={network.id}
                own={own}
                isTried={isTried}
                onChange={(changed) => change((before) => withSlot(before, slot.id, changed))}
              />
            </li>
          ))}
        </ol>
        {problem !== undefined && (
          <Notice tone="bad" role="alert">
            {problem}
          </Notice>
        )}
        <div className={formClasses.buttons}>
          <Button type="submit">{texts.go}</Button>
        </div>
      </form>
    </StepPage>
  );
}
