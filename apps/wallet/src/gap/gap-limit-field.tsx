import { Field } from "@bitfleet/ui/field.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { GAP_LIMIT, GAP_LIMIT_MAX } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import type { ReactElement } from "react";
import { gapTexts } from "./texts.ts";

interface GapLimitFieldProps {
  readonly entry: string;
  readonly onChange: (entry: string) => void;
  readonly problem: string | undefined;
  readonly least?: number;
  /** Whether it has the focus of a dialog that opens. */
  readonly isFirst?: boolean;
}

/** Asks behind how many unused addresses in a row a search ends. */
export function GapLimitField(props: GapLimitFieldProps): ReactElement {
  const { entry, onChange, problem, least = GAP_LIMIT, isFirst = false } = props;
  return (
    <Field
      label={gapTexts.limit}
      hint={gapTexts.hint(formatCount(least), formatCount(GAP_LIMIT_MAX))}
      inputMode="numeric"
      value={entry}
      problem={problem}
      {...(isFirst && { "data-autofocus": true })}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
