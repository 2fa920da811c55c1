import { PageHead } from "@bitfleet/ui/card.tsx";
import { LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { useDebouncedValue } from "@mantine/hooks";
import { useLocation } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useState } from "react";
import classes from "./broadcast.module.css";
import type { OtherParts } from "./other-parts.ts";
import { PackageCard } from "./package-card.tsx";
import { PasteCard } from "./paste-card.tsx";
import { type Pasted, readPasted } from "./pasted.ts";
import { PsbtCard } from "./psbt-card.tsx";
import { useDecoded, useFinalized, useMembers } from "./queries.ts";

import { broadcastTexts as texts } from "./texts.ts";
import { VerdictCard } from "./verdict-card.tsx";

/** Pasting takes a moment less than typing does. */
const SETTLED_AFTER_MS = 250;

/** Hands signed transactions in: shows what they are, tests them, and sends them when asked to. */
export function BroadcastScreen(parts: OtherParts): ReactElement {
  const [text, setText] = useState(useHandedOver());
  const [settled] = useDebouncedValue(text, SETTLED_AFTER_MS);
  const pasted = readPasted(settled);
  return (
    <div className={classes.screen}>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <PasteCard text={text} pasted={pasted} onText={setText} />
      <Content key={settled} pasted={pasted} parts={parts} />
    </div>
  );
}

/** What another page has put into the history beside the address. */
function useHandedOver(): string {
  const pasted = useLocation({ select: ({ state }) => (state as { readonly pasted?: unknown }).pasted });
  return typeof pasted === "string" ? pasted : "";
}

function Content({ pasted, parts }: { readonly pasted: Pasted; readonly parts: OtherParts }): ReactElement | null {
  switch (pasted.kind) {
    case "transaction":
      return <Tested hex={pasted.hex} parts={parts} />;
    case "package":
      return <Several transactions={pasted.transactions} parts={parts} />;
    case "psbt":
      return <Finalized psbts={pasted.psbts} parts={parts} />;
    default:
      return null;
  }
}

function Finalized({ psbts, parts }: { readonly psbts: readonly string[]; readonly parts: OtherParts }): ReactElement {
  const { data, error } = useFinalized(psbts);
  if (error !== null) return <Refusal title={texts.psbt.refused} error={error} />;
  if (data === undefined) return <LoadingRows count={1} height={120} label={texts.psbt.reading} />;
  if (data.hex !== null) return <Tested hex={data.hex} parts={parts} />;
  return (
    <>
      <PsbtCard progress={data} isMerged={psbts.length > 1} />
      {data.decoded !== null && <Preview>{parts.preview(data.decoded, data.estimated_virtual_size)}</Preview>}
    </>
  );
}

function Tested({ hex, parts }: { readonly hex: string; readonly parts: OtherParts }): ReactElement {
  const { data, error } = useDecoded(hex);
  if (data === undefined) {
    if (error !== null) return <Refusal title={texts.decode.refused} error={error} />;
    return <LoadingRows count={2} height={150} label={texts.decode.loading} />;
  }
  return (
    <>
      <VerdictCard hex={hex} transaction={data} stepThrough={parts.stepThrough} />
      <Preview>{parts.preview(data)}</Preview>
    </>
  );
}

function Several({
  transactions,
  parts,
}: {
  readonly transactions: readonly string[];
  readonly parts: OtherParts;
}): ReactElement {
  const { data, error } = useMembers(transactions);
  if (data === undefined) {
    if (error !== null) return <Refusal title={texts.decode.refused} error={error} />;
    return <LoadingRows count={2} height={150} label={texts.decode.loading} />;
  }
  return <PackageCard members={data} parts={parts} />;
}

function Preview({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <section className={classes.preview} aria-label={texts.preview}>
      <h2 className={classes.previewTitle}>{texts.preview}</h2>
      {children}
    </section>
  );
}

/** In the node's words. */
function Refusal({ title, error }: { readonly title: string; readonly error: Error }): ReactElement {
  return (
    <div role="alert">
      <Message title={title}>{error.message}</Message>
    </div>
  );
}
