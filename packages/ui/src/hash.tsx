import type { ReactElement, ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";
import { shortHash } from "./format.ts";
import classes from "./values.module.css";

interface HashProps {
  readonly value: string;
  /** What it is, for the copy button: "block hash". */
  readonly label: string;
  /** Shows all digits, wrapping; otherwise the middle is left out. */
  readonly isWhole?: boolean;
  readonly edgeCount?: number;
  /** Shows as many digits as there is room for, the last ones always. */
  readonly isFitted?: boolean;
  /** Wraps the digits, usually in a link. */
  readonly link?: (text: ReactNode) => ReactElement;
}

/** What is longer takes more than two lines. */
const HALVES_LENGTH_MAX = 100;
/** Digits at the end that stay, where the others make room. */
const FITTED_END_COUNT = 8;

/** A hash, txid or address with a copy button. */
export function Hash(props: HashProps): ReactElement {
  const { value, label, isWhole = false, isFitted = false, edgeCount = 8, link } = props;
  const text = isWhole ? <Halves value={value} /> : isFitted ? <Fitted value={value} /> : shortHash(value, edgeCount);
  return (
    <span className={classes.hash}>
      <span className={isWhole ? classes.whole : undefined} title={isWhole ? undefined : value}>
        {link === undefined ? text : link(text)}
      </span>
      <CopyButton text={value} label={label} />
    </span>
  );
}

/** Two lines of one length where one is too short for it: what is compared is not torn off at its end. */
function Halves({ value }: { readonly value: string }): ReactElement {
  if (value.length > HALVES_LENGTH_MAX) return <>{value}</>;
  const middle = Math.ceil(value.length / 2);
  return (
    <>
      {value.slice(0, middle)}
      <wbr />
      {value.slice(middle)}
    </>
  );
}

/** All of it is in the document, so that it is copied and read whole. */
function Fitted({ value }: { readonly value: string }): ReactElement {
  return (
    <span className={classes.fitted}>
      <span>{value.slice(0, -FITTED_END_COUNT)}</span>
      <span>{value.slice(-FITTED_END_COUNT)}</span>
    </span>
  );
}
