import type { ReplacementStep } from "@bitfleet/api/rest/replacements.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { Feerate } from "@bitfleet/ui/quantities.tsx";
import { type ReactElement, useEffect, useRef } from "react";
import classes from "./replacements.module.css";
import { transactionTexts } from "./texts.ts";

const texts = transactionTexts.timeline;

/** Which transactions took whose place, from the first to the one that waits or is in a block; nothing where none did. */
export function Replacements({
  steps,
  txid,
}: {
  readonly steps: readonly ReplacementStep[];
  readonly txid: string;
}): ReactElement | null {
  const own = useRef<HTMLLIElement>(null);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const { current: row } = own;
    // The list alone is moved, and not the page.
    if (row !== null && list.current !== null) list.current.scrollLeft = row.offsetLeft - list.current.offsetLeft - 80;
  }, []);
  if (steps.length < 2) return null;
  return (
    <Card title={texts.title} aside={<Explained term={texts.source}>{texts.help}</Explained>}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <ol ref={list} className={classes.steps} aria-label={texts.list} tabIndex={0}>
        {steps.map((step) => (
          <li
            key={step.txid}
            ref={step.txid === txid ? own : undefined}
            data-state={step.state}
            data-own={step.txid === txid}
          >
            <Step step={step} isOwn={step.txid === txid} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Step({ step, isOwn }: { readonly step: ReplacementStep; readonly isOwn: boolean }): ReactElement {
  const { fee, virtual_size: size, came, state } = step;
  return (
    <>
      <span className={classes.mark} aria-hidden="true" />
      <span className={classes.rate}>
        {fee === null || size === null ? texts.neverHere : <Feerate satPerVbyte={fee / size} />}
      </span>
      {fee !== null && (
        <span className={classes.fee}>
          <Amount sats={BigInt(fee)} />
        </span>
      )}
      <span className={classes.txid}>
        {isOwn ? <b>{texts.thisOne}</b> : <TransactionLink txid={step.txid} edgeCount={6} hasNoCopy />}
      </span>
      <span className={classes.state}>
        {texts.states[state]}
        {came !== null && (
          <>
            {" · "}
            <Age unixSeconds={came} />
          </>
        )}
      </span>
    </>
  );
}
