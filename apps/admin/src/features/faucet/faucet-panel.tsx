import { ApiError } from "@bitfleet/api/errors.ts";
import { useNowSeconds } from "@bitfleet/ui/clock.ts";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { KeyNotGiven } from "@bitfleet/ui/keys/key-errors.ts";
import { Button, Loader } from "@mantine/core";
import { type FormEvent, type ReactElement, useRef, useState } from "react";
import { addressProblem, readAmount } from "./entries.ts";
import classes from "./faucet-panel.module.css";
import { usePayment } from "./queries.ts";
import { Receipt } from "./receipt.tsx";
import { texts } from "./texts.ts";

/** Sends coins that the network has mined to an address. */
export function FaucetPanel({ chain }: { readonly chain: string }): ReactElement {
  const [address, setAddress] = useState("");
  const [amount, setAmount] = useState("1");
  const [isMined, setIsMined] = useState(false);
  const [failedMs, setFailedMs] = useState(0);
  /** What is wrong is said once a field was left, or all was to be sent. */
  const [left, setLeft] = useState<ReadonlySet<"address" | "amount">>(new Set());
  const confirm = useConfirm();
  const addressInput = useRef<HTMLInputElement>(null);
  const amountInput = useRef<HTMLInputElement>(null);
  const payment = usePayment();
  // Who gives no key knows that nothing was sent.
  const error = payment.error instanceof KeyNotGiven ? null : payment.error;

  const problem = addressProblem(address.trim(), chain);
  const read = readAmount(amount.trim());
  const leave = (name: "address" | "amount") => setLeft((before) => new Set([...before, name]));

  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (payment.isPending) return;
    setLeft(new Set(["address", "amount"]));
    if (problem !== undefined) return addressInput.current?.focus();
    if ("problem" in read) return amountInput.current?.focus();
    const order = { address: address.trim(), sats: read.sats, ...(isMined && { mine: 1 }) };
    const text = (
      <>
        {texts.questionText} <code>{order.address}</code>. {isMined && texts.questionMine}
      </>
    );
    const question = { title: texts.question(amount.trim()), text, confirmLabel: texts.confirm };
    if (!(await confirm(question))) return;
    payment.mutate(order, { onError: () => setFailedMs(Date.now()) });
  };

  return (
    <section className={classes.panel} aria-labelledby="faucet-title">
      <header className={classes.header}>
        <h2 id="faucet-title">{texts.title}</h2>
        <p>
          {texts.about} <Explained term={texts.command}>{texts.commandHint}</Explained>
        </p>
      </header>
      <form className={classes.form} aria-label={texts.form} noValidate onSubmit={(event) => void send(event)}>
        <Field
          ref={addressInput}
          className={classes.address}
          label={texts.address}
          required
          value={address}
          problem={left.has("address") ? problem : undefined}
          onChange={(event) => setAddress(event.target.value)}
          onBlur={() => address !== "" && leave("address")}
        />
        <Field
          ref={amountInput}
          className={classes.amount}
          label={texts.amount}
          hint={texts.amountHint}
          inputMode="decimal"
          required
          value={amount}
          problem={left.has("amount") && "problem" in read ? read.problem : undefined}
          onChange={(event) => setAmount(event.target.value)}
          onBlur={() => leave("amount")}
        />
        <div className={classes.last}>
          <label className={classes.choice}>
            <input type="checkbox" checked={isMined} onChange={(event) => setIsMined(event.target.checked)} />
            {texts.mine}
          </label>
          {/* Not disabled while it works: the focus would be lost. */}
          <Button
            type="submit"
            size="sm"
            className={classes.send}
            aria-disabled={payment.isPending}
            leftSection={payment.isPending && <Loader size={14} color="currentColor" />}
          >
            {payment.isPending ? texts.sending : texts.send}
          </Button>
        </div>
      </form>
      {error !== null && !payment.isPending && <Failure error={error} atMs={failedMs} />}
      <div role="status">
        {payment.isPending && <span className={classes.hidden}>{texts.isSending}</span>}
        {payment.data !== undefined && <Receipt paid={payment.data} />}
      </div>
    </section>
  );
}

/** Why nothing was sent, in the node's words, and when it may be tried again. */
function Failure({ error, atMs }: { readonly error: Error; readonly atMs: number }): ReactElement {
  const isUnknown = error instanceof ApiError && error.status === 0;
  const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
  return (
    <div className={classes.failure}>
      <p role="alert">
        {error.message}
        {isUnknown && ` ${texts.maybe}`}
      </p>
      {retryAfterMs !== undefined && <Wait untilMs={atMs + retryAfterMs} />}
    </div>
  );
}

/** Counts down. Not read aloud: the reason above has said it once. */
function Wait({ untilMs }: { readonly untilMs: number }): ReactElement {
  // Renders anew each second; the page's second may have begun at any time.
  useNowSeconds();
  const seconds = Math.ceil((untilMs - Date.now()) / 1000);
  return <p className={classes.wait}>{seconds > 0 ? texts.wait(seconds) : texts.again}</p>;
}
