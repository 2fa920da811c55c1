import type { TransactionDetail } from "@bitfleet/api/rest/transactions.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { LoadingRows } from "@bitfleet/ui/states.tsx";
import { lazy, type ReactElement, Suspense } from "react";
import classes from "./raw-tabs.module.css";
import { transactionTexts as texts } from "./texts.ts";

const JsonViewer = lazy(async () => ({ default: (await import("@bitfleet/ui/json/json-viewer.tsx")).JsonViewer }));

/** Digits that are laid out; more would make the page slow and help nobody. */
const DIGITS_SHOWN_MAX = 20_000;

/** The transaction's bytes. */
export function HexTab({ hex }: { readonly hex: string }): ReactElement {
  return (
    <Card title={texts.hex.title} aside={<CopyButton text={hex} label={texts.hex.copy} />}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre className={classes.hex} tabIndex={0}>
        {hex.slice(0, DIGITS_SHOWN_MAX)}
      </pre>
      {hex.length > DIGITS_SHOWN_MAX && (
        <p className={classes.note}>{texts.hex.cut(formatCount(hex.length - DIGITS_SHOWN_MAX))}</p>
      )}
    </Card>
  );
}

/** What the node answers. */
export function JsonTab({ transaction }: { readonly transaction: TransactionDetail }): ReactElement {
  return (
    <Card
      title={texts.json.label}
      aside={<CopyButton text={() => JSON.stringify(transaction, undefined, 2)} label={texts.json.copy} />}
    >
      <Suspense fallback={<LoadingRows count={1} height={420} label={texts.json.loading} />}>
        <JsonViewer value={transaction as never} label={texts.json.label} depth={2} />
      </Suspense>
    </Card>
  );
}
