import { Card, PageHead } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { PlusIcon } from "@bitfleet/ui/icons.tsx";
import paymentClasses from "@bitfleet/ui/payment/payment-form.module.css";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, useRef, useState } from "react";
import { FeeChoice } from "../../money/fee-choice.tsx";
import { feerateOf, isAsking } from "../../money/fee-wish.ts";
import moneyClasses from "../../money/money.module.css";
import { passOn } from "../../money/pass-on.ts";
import { PaymentDialog } from "../../money/payment-dialog.tsx";
import { Reachability } from "../../money/reachability.tsx";
import { moneyTexts } from "../../money/texts.ts";
import { toldPayment } from "../../money/told-payment.ts";
import { askFees, useFeeChoices } from "../../money/use-fee-choices.ts";
import { useFirstProblem } from "../../money/use-first-problem.ts";
import { Notice } from "../../notice.tsx";
import type { Account, PreparedPayment, Watch } from "../../session/account.ts";
import { useAccount, useChain, useSession } from "../../session-provider.tsx";
import { CoinsPart } from "./coins-part.tsx";
import { ContactChoice } from "./contact-choice.tsx";
import {
  isBlank,
  problemsOf,
  RECIPIENTS_MAX,
  requestOf,
  withAddress,
  withOneMore,
  withoutRecipient,
  withRecipient,
} from "./draft.ts";
import { RecipientFields } from "./recipient-fields.tsx";
import { sendProblem } from "./send-problem.ts";
import { texts } from "./texts.ts";
import { useBeginning } from "./use-beginning.ts";
import { useDraft } from "./use-draft.ts";

/** Pays: first it is worked out and looked at, then it is sent, or made as a PSBT where there are no keys. */
export function SendScreen(): ReactElement {
  const { id, signs, signsInPart } = useAccount();
  const about = signsInPart ? texts.aboutPart : signs ? texts.about : texts.aboutWatch;
  return (
    <>
      <PageHead title={signs ? texts.title : texts.titleWatch}>{about}</PageHead>
      <div className={moneyClasses.parts}>
        <Reachability />
        <SendForm key={id} />
      </div>
    </>
  );
}

/** What is done with a payment that was looked at. */
function confirmLabelOf({ signs, signsInPart }: Account): string {
  const { send, sign, psbt } = moneyTexts.preview;
  return signs ? send : signsInPart ? sign : psbt;
}

function SendForm(): ReactElement {
  const account = useAccount();
  const navigate = useNavigate();
  const chain = useChain();
  const [draft, change, clear] = useDraft(account.id);
  const asked = useFeeChoices(account);
  const session = useSession();
  /** How often it was to be looked at: what is wrong is said from then on. */
  const [trial, setTrial] = useState(0);
  const isTried = trial > 0;
  const form = useFirstProblem(trial);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [prepared, setPrepared] = useState<PreparedPayment>();
  const [contactsFor, setContactsFor] = useState<number>();
  /** From its confirmation until the preview is closed: a payment link that comes meanwhile takes the place of nothing that was not read. */
  const [isSending, setIsSending] = useState(false);
  const close = () => {
    setPrepared(undefined);
    setIsSending(false);
  };
  /** How often another payment was begun: what was being worked out of the one before is not shown any more. */
  const beginnings = useRef(0);
  useBeginning(
    (next) => {
      beginnings.current++;
      setPrepared(undefined);
      change(next);
    },
    { chain, isHeld: isSending },
  );

  const addressProblem = (address: string) => account.addressProblem(address);
  const problems = isTried ? problemsOf(draft, addressProblem) : undefined;
  const feerate = feerateOf(draft.fee, asked);

  const review = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setTrial(trial + 1);
    setProblem(undefined);
    setIsBusy(true);
    const beginning = beginnings.current;
    try {
      // Who is quicker than the answer waits for it.
      const rate = feerateOf(draft.fee, isAsking(asked) ? await askFees(account) : asked);
      if ("problem" in rate) return;
      const request = requestOf(draft, rate.feerateSatPerKvb, addressProblem);
      if (request === undefined) return;
      // A PSBT needs nobody's answer.
      const unsendable = account.signs ? await sendProblem(session) : undefined;
      if (unsendable !== undefined) return setProblem(unsendable);
      const made = await account.preparePayment(request);
      if (beginning !== beginnings.current) return;
      const isOneUnsent = account.history().some(({ standing }) => standing === "unsent");
      if ("error" in made) setProblem(isOneUnsent ? `${made.error} ${texts.problems.unsent}` : made.error);
      else setPrepared(made);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setIsBusy(false);
    }
  };
  const confirm = async (payment: PreparedPayment, watch: Watch) => {
    setIsSending(true);
    if (!account.signs) {
      await passOn(account, payment, watch);
      clear();
      return navigate({ to: "/psbt" });
    }
    const txid = await toldPayment(account.confirm(payment, watch), texts.sent);
    clear();
    await navigate({ to: "/tx/$txid", params: { txid } });
  };
  return (
    <>
      <Card title={texts.form} className={paymentClasses.card}>
        <form
          ref={form}
          className={formClasses.form}
          aria-label={texts.form}
          noValidate
          onSubmit={(event) => void review(event)}
        >
          {draft.recipients.map((entry) => (
            <RecipientFields
              key={entry.id}
              draft={draft}
              chain={chain}
              entry={entry}
              problems={problems?.get(entry.id)}
              onAddress={(text) => change((before) => withAddress(before, entry.id, text, chain))}
              onChange={(fields) => change((before) => withRecipient(before, entry.id, fields))}
              onRest={(takesRest) => change((before) => ({ ...before, restTo: takesRest ? entry.id : undefined }))}
              onRemove={() => change((before) => withoutRecipient(before, entry.id))}
              onContacts={() => setContactsFor(entry.id)}
            />
          ))}
          <div className={formClasses.buttons}>
            <Button
              variant="default"
              size="xs"
              leftSection={<PlusIcon />}
              disabled={draft.recipients.length >= RECIPIENTS_MAX}
              onClick={() => change(withOneMore)}
            >
              {texts.addRecipient}
            </Button>
          </div>
          <FeeChoice
            asked={asked}
            wish={draft.fee}
            onWish={(fee) => change((before) => ({ ...before, fee }))}
            problem={isTried && "problem" in feerate ? feerate.problem : undefined}
          />
          <label className={formClasses.check}>
            <input
              type="checkbox"
              checked={draft.isReplaceable}
              onChange={(event) => change((before) => ({ ...before, isReplaceable: event.target.checked }))}
            />
            {texts.replaceable}
          </label>
          <CoinsPart draft={draft} onChoose={(coins) => change((before) => ({ ...before, coins }))} />
          {problem !== undefined && (
            <Notice tone="bad" role="alert">
              {problem}
            </Notice>
          )}
          <div className={formClasses.buttons}>
            <Button type="submit" loading={isBusy}>
              {texts.review}
            </Button>
            {!isBlank(draft) && (
              <Button
                variant="default"
                onClick={() => {
                  clear();
                  setTrial(0);
                  setProblem(undefined);
                }}
              >
                {texts.clear}
              </Button>
            )}
          </div>
        </form>
      </Card>
      <ContactChoice
        isOpen={contactsFor !== undefined}
        onClose={() => setContactsFor(undefined)}
        onChoose={({ address }) => {
          if (contactsFor !== undefined) change((before) => withAddress(before, contactsFor, address, chain));
          setContactsFor(undefined);
        }}
      />
      <PaymentDialog
        title={moneyTexts.preview.title}
        prepared={prepared}
        isReplaceable={draft.isReplaceable}
        confirmLabel={confirmLabelOf(account)}
        onConfirm={confirm}
        onClose={close}
      />
    </>
  );
}
