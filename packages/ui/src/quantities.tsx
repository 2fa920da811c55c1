import type { ReactElement } from "react";
import { formatCount, formatDuration, formatFeerate, formatShare, formatWeight } from "./format.ts";
import classes from "./values.module.css";

/** A feerate, given as satoshis and virtual bytes or as their quotient. */
export function Feerate(props: { readonly satPerVbyte: number }): ReactElement {
  return (
    <span className={classes.number} title={`${props.satPerVbyte} satoshis per virtual byte`}>
      {formatFeerate(props.satPerVbyte)}
      <span className={classes.unit}>sat/vB</span>
    </span>
  );
}

/** A share of 1. */
export function Percent({ share }: { readonly share: number }): ReactElement {
  return <span className={classes.number}>{formatShare(share)}</span>;
}

/** A length of time. */
export function Duration({ seconds }: { readonly seconds: number }): ReactElement {
  return (
    <span className={classes.number} title={`${formatCount(seconds)} seconds`}>
      {formatDuration(seconds)}
    </span>
  );
}

/** A whole number, digits grouped. */
export function Count({ count }: { readonly count: number }): ReactElement {
  return <span className={classes.number}>{formatCount(count)}</span>;
}

/** BIP141 weight. */
export function Weight({ weight }: { readonly weight: number }): ReactElement {
  return (
    <span className={classes.number} title={`${formatCount(weight)} weight units`}>
      {formatWeight(weight)}
    </span>
  );
}

/** BIP141 virtual size. */
export function VirtualSize({ vbytes }: { readonly vbytes: number }): ReactElement {
  return (
    <span className={classes.number}>
      {formatCount(vbytes)}
      <span className={classes.unit}>vB</span>
    </span>
  );
}
