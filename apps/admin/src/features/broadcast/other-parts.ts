import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import type { ReactNode } from "react";

/** What is to be stepped through. */
export interface StepThroughProps {
  /** In hex; the last is run, and may spend the others. */
  readonly transactions: readonly string[];
  readonly inputCount: number;
  readonly input: number;
  readonly onClose: () => void;
}

/** Parts of another feature, put in by the route. */
export interface OtherParts {
  /** Shows a transaction as it will look; of one that is not signed yet the size may be told. */
  readonly preview: (transaction: DecodedTransaction, signedSize?: number | null) => ReactNode;
  /** Steps through the scripts of an input of the last of these. */
  readonly stepThrough: (props: StepThroughProps) => ReactNode;
}
