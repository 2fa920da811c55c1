import type { Unit } from "../format.ts";
import { amountEntry } from "./entries.ts";

/** Longer labels are cut. */
const LABEL_LENGTH_MAX = 200;

/** What a payment link says beside who is paid. */
export interface LinkTerms {
  readonly sats: bigint | undefined;
  readonly label: string | undefined;
}

/** The fields of a recipient that a payment link fills in. */
export interface LinkFields {
  readonly amount: string;
  readonly label: string;
  /** What the last link has filled in. */
  readonly ofLink?: LinkTerms | undefined;
}

/** The fields as the next payment link leaves them: what the last one has filled in is gone, but for what was changed since; all else stays where it says nothing. */
export function filledByLink(fields: LinkFields, terms: LinkTerms, unit: Unit): LinkFields {
  const { amount, label } = withoutLink(fields, unit);
  const ofLink = { sats: terms.sats, label: terms.label?.slice(0, LABEL_LENGTH_MAX) };
  return {
    amount: ofLink.sats === undefined ? amount : amountEntry(ofLink.sats, unit),
    label: ofLink.label ?? label,
    ofLink,
  };
}

/** The fields without what the last payment link has filled in. */
export function withoutLink({ amount, label, ofLink }: LinkFields, unit: Unit): LinkFields {
  return {
    amount: ofLink?.sats !== undefined && amount === amountEntry(ofLink.sats, unit) ? "" : amount,
    label: ofLink?.label !== undefined && label === ofLink.label ? "" : label,
    ofLink: undefined,
  };
}
