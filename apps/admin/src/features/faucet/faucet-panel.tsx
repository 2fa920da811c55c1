import { ApiError } from "@bitfleet/api/errors.ts";
import { useNowSeconds } from "@bitfleet/ui/clock.ts";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { useAdminKeyField } from "@bitfleet/ui/keys/key-field.ts";
import { Button, Loader } from "@mantine/core";
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { addressProblem, readAmount } from "./entries.ts";
import classes from "./faucet-panel.module.css";
import { usePayment } from "./queries.ts";
import { Receipt } from "./receipt.tsx";

/** Sends coins that the network has mined to an address. The admin key is asked for once a tab. */
export function FaucetPanel({ chain }: { readonly chain: string }): ReactElement {
  const [address, setAddress] = useState("");
  const [amount, setAmount] = useState("1");
  const [isMined, setIsMined] = useState(false);
  const [failedMs, setFailedMs] = useState(0);
  /** What is wrong is said once a field was left, or all was to be sent. */
  const [left, setLeft] = useState<ReadonlySet<"address" | "amount" | "key">>(new Set());
  const adminKey = useAdminKeyField();
  const addressInput = useRef<HTMLInputElement>(null);
  const amountInput = useRef<HTMLInputElement>(null);
  const keyInput = useRef<HTMLInputElement>(null);
  const payment = usePayment();
  const { error } = payment;
  const isRefusedKey = error instanceof ApiError && error.status === 401;
  useEffect(() => {
    if (isRefusedKey) keyInput.current?.focus();
  }, [isRefusedKey]);

  const problem = addressProblem(address.trim(), chain);
  const read = readAmount(amount.trim());
  const leave = (name: "address" | "amount") => setLeft((before) => new Set([...before, name]));

  const send = (event: FormEvent) => {
    event.preventDefault();
    if (payment.isPending) return;
    setLeft(new Set(["address", "amount", "key"]));
    if (problem !== undefined) return addressInput.current?.focus();
    if ("problem" in read) return amountInput.current?.focus();
    if (adminKey.key === "") return keyInput.current?.focus();
    const order = { address: address.trim(), sats: read.sats, ...(isMined && { mine: 1 }) };
    payment.mutate(
      { payment: order, adminKey: adminKey.key },
      {
        onSuccess: adminKey.accepted,
        onError: (reason) => {
          setFailedMs(Date.now());
          adminKey.failed(reason);
        },
      },
    );
  };

  return (
    <section className={classes.panel} aria-labelledby="faucet-title">
      <header className={classes.header}>
        <h2 id="faucet-title">Faucet</h2>
        <p>
          Coins that this network has mined, for any address. In a terminal:{" "}
          <Explained term="bitfleet faucet">
            bitfleet faucet ADDRESS 0.5 --mine 1 sends half a coin and mines a block on it.
          </Explained>
        </p>
      </header>
      <form className={classes.form} aria-label="Payment of the faucet" noValidate onSubmit={send}>
        <Field
          ref={addressInput}
          className={classes.address}
          label="Address"
          required
          value={address}
          problem={left.has("address") ? problem : undefined}
          onChange={(event) => setAddress(event.target.value)}
          onBlur={() => address !== "" && leave("address")}
        />
        <Field
          ref={amountInput}
          className={classes.amount}
          label="Amount in BTC"
          hint="0.00001 to 1,000 at a time"
          inputMode="decimal"
          required
          value={amount}
          problem={left.has("amount") && "problem" in read ? read.problem : undefined}
          onChange={(event) => setAmount(event.target.value)}
          onBlur={() => leave("amount")}
        />
        {!adminKey.isKnown && (
          <Field
            ref={keyInput}
            className={classes.key}
            label="Admin key"
            hint="Shown by bitfleet up"
            type="password"
            required
            value={adminKey.typed}
            problem={left.has("key") && adminKey.key === "" ? "Enter the key that bitfleet up has shown." : undefined}
            onChange={(event) => adminKey.type(event.target.value)}
          />
        )}
        <div className={classes.last}>
          <label className={classes.choice}>
            <input type="checkbox" checked={isMined} onChange={(event) => setIsMined(event.target.checked)} />
            Mine a block on it, so that it is confirmed at once
          </label>
          {/* Not disabled while it works: the focus would be lost. */}
          <Button
            type="submit"
            size="sm"
            className={classes.send}
            aria-disabled={payment.isPending}
            leftSection={payment.isPending && <Loader size={14} color="currentColor" />}
          >
            {payment.isPending ? "Sending…" : "Send coins"}
          </Button>
        </div>
      </form>
      {error !== null && !payment.isPending && <Failure error={error} atMs={failedMs} />}
      <div role="status">
        {payment.isPending && <span className={classes.hidden}>The coins are being sent.</span>}
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
        {isUnknown && " The payment may have been made all the same: look for it before you send it again."}
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
  return <p className={classes.wait}>{seconds > 0 ? `${seconds} s to go` : "It can be tried again now."}</p>;
}
