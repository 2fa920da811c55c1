import { type ReactElement, useState } from "react";
import { usePastedTrace } from "../queries.ts";
import { ScriptDebugger } from "./debugger.tsx";

interface PastedDebuggerProps {
  /** In hex, those that it may spend before it; the last is the one that is run. */
  readonly transactions: readonly string[];
  readonly inputCount: number;
  /** Where it begins; at its end, which is the failure where there is one. */
  readonly input: number;
  readonly onClose: () => void;
}

/** The scripts of a transaction that is nowhere yet. No address could name it: where the reader is, is kept here. */
export function PastedDebugger({ transactions, inputCount, input, onClose }: PastedDebuggerProps): ReactElement {
  const [place, setPlace] = useState({ input, step: Number.MAX_SAFE_INTEGER });
  const trace = usePastedTrace(transactions, place.input);
  return <ScriptDebugger inputCount={inputCount} {...place} trace={trace} onGo={setPlace} onClose={onClose} />;
}
