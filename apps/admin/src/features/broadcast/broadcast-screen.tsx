import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { PageHead } from "@bitfleet/ui/card.tsx";
import { LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { useDebouncedValue } from "@mantine/hooks";
import { type ReactElement, type ReactNode, useState } from "react";
import classes from "./broadcast.module.css";
import { PasteCard } from "./paste-card.tsx";
import { type Pasted, readPasted } from "./pasted.ts";
import { useDecoded, useFinalized } from "./queries.ts";
import { broadcastTexts as texts } from "./texts.ts";
import { VerdictCard } from "./verdict-card.tsx";

/** Pasting takes a moment less than typing does. */
const SETTLED_AFTER_MS = 250;

/** Shows the transaction as it will look: another feature's part, put in by the route. */
type Preview = (transaction: DecodedTransaction) => ReactNode;

/** Hands a signed transaction in: shows what it is, tests it, and sends it when asked to. */
export function BroadcastScreen({ preview }: { readonly preview: Preview }): ReactElement {
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text, SETTLED_AFTER_MS);
  const pasted = readPasted(settled);
  return (
    <div className={classes.screen}>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <PasteCard text={text} pasted={pasted} onText={setText} />
      <Content key={settled} pasted={pasted} preview={preview} />
    </div>
  );
}

function Content({ pasted, preview }: { readonly pasted: Pasted; readonly preview: Preview }): ReactElement | null {
  switch (pasted.kind) {
    case "transaction":
      return <Tested hex={pasted.hex} preview={preview} />;
    case "psbt":
      return <Finalized psbt={pasted.psbt} preview={preview} />;
    default:
      return null;
  }
}

function Finalized({ psbt, preview }: { readonly psbt: string; readonly preview: Preview }): ReactElement {
  const { data, error } = useFinalized(psbt);
  if (error !== null) return <Refusal title={texts.psbt.refused} error={error} />;
  if (data === undefined) return <LoadingRows count={1} height={120} label={texts.psbt.reading} />;
  if (data.hex !== null) return <Tested hex={data.hex} preview={preview} />;
  const inputs = data.unsigned_inputs;
  return (
    <Message title={texts.psbt.incomplete}>
      {texts.psbt.incompleteText(inputs.slice(0, 20).join(", "), inputs.length)}
    </Message>
  );
}

function Tested({ hex, preview }: { readonly hex: string; readonly preview: Preview }): ReactElement {
  const { data, error } = useDecoded(hex);
  if (data === undefined) {
    if (error !== null) return <Refusal title={texts.decode.refused} error={error} />;
    return <LoadingRows count={2} height={150} label={texts.decode.loading} />;
  }
  return (
    <>
      <VerdictCard hex={hex} transaction={data} />
      <section className={classes.preview} aria-label={texts.preview}>
        <h2 className={classes.previewTitle}>{texts.preview}</h2>
        {preview(data)}
      </section>
    </>
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
