import { ApiError } from "@bitfleet/api/errors.ts";
import type { InputTrace } from "@bitfleet/api/rest/input-trace.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { CloseIcon } from "@bitfleet/ui/icons.tsx";
import { ErrorMessage, LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { type ReactElement, useEffect, useMemo, useRef } from "react";
import { useInputTrace } from "../queries.ts";
import classes from "./debugger.module.css";
import { PhaseStrip } from "./phase-strip.tsx";
import { ScriptListing } from "./script-listing.tsx";
import { StackView } from "./stack-view.tsx";
import { StepControls } from "./step-controls.tsx";
import { StepWords } from "./step-words.tsx";
import { stopsOf } from "./stops.ts";
import { debuggerTexts as texts } from "./texts.ts";

interface DebuggerProps {
  readonly inputCount: number;
  readonly input: number;
  /** One beyond the last is the last. */
  readonly step: number;
  readonly onGo: (place: { readonly input: number; readonly step: number }) => void;
  readonly onClose: () => void;
}

interface TransactionDebuggerProps extends DebuggerProps {
  readonly txid: string;
  readonly isConfirmed: boolean;
}

/** The scripts of a transaction of the mempool or of a block. */
export function TransactionDebugger({ txid, isConfirmed, ...props }: TransactionDebuggerProps): ReactElement {
  return <ScriptDebugger {...props} trace={useInputTrace(txid, props.input, isConfirmed)} />;
}

/** Runs the scripts of one input step by step, forward and back, and shows the stacks. */
export function ScriptDebugger({
  inputCount,
  input,
  step,
  trace,
  onGo,
  onClose,
}: DebuggerProps & { readonly trace: ReturnType<typeof useInputTrace> }): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // In braces: Chromium's answer is a promise, which React would take for what cleans up.
    void frame.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <div ref={frame} className={classes.frame} data-testid="debugger">
      <Card
        title={texts.title}
        aside={
          <div className={classes.tools}>
            {inputCount > 1 && (
              <InputChoice input={input} count={inputCount} onInput={(next) => onGo({ input: next, step: 0 })} />
            )}
            <button type="button" className={classes.close} aria-label={texts.close} onClick={onClose}>
              <CloseIcon />
            </button>
          </div>
        }
      >
        {trace.data === undefined ? (
          <Missing error={trace.error} onRetry={() => void trace.refetch()} />
        ) : (
          <Walk key={input} trace={trace.data} step={step} onStep={(next) => onGo({ input, step: next })} />
        )}
      </Card>
    </div>
  );
}

function Missing({ error, onRetry }: { readonly error: Error | null; readonly onRetry: () => void }): ReactElement {
  if (error === null) return <LoadingRows count={1} height={420} label={texts.loading} />;
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return <Message title={texts.errors.title}>{error.message}</Message>;
  }
  return <ErrorMessage error={error} onRetry={onRetry} />;
}

function Walk({
  trace,
  step,
  onStep,
}: {
  readonly trace: InputTrace;
  readonly step: number;
  readonly onStep: (step: number) => void;
}): ReactElement {
  const stops = useMemo(() => stopsOf(trace), [trace]);
  const index = Math.min(step, stops.length - 1);
  const stop = stops[index]!;
  const isLast = index === stops.length - 1;
  const phase = trace.phases[stop.phase];
  return (
    <>
      <Verdict trace={trace} />
      <PhaseStrip
        phases={trace.phases}
        current={stop.phase}
        onPhase={(next) => onStep(stops.findIndex((one) => one.phase === next))}
      />
      <StepControls index={index} last={stops.length - 1} hasFailure={trace.error !== null} onStep={onStep} />
      <StepWords stop={stop} phase={phase} trace={trace} isLast={isLast} />
      <div className={classes.panes}>
        {phase !== undefined && <ScriptListing phase={phase} trace={trace} step={stop.step} />}
        <StackView stop={stop} before={stops[index - 1]} items={trace.items} />
      </div>
    </>
  );
}

function Verdict({ trace }: { readonly trace: InputTrace }): ReactElement {
  const tone = trace.is_valid === null ? "warn" : trace.is_valid ? "good" : "bad";
  const word = trace.is_valid === null ? texts.cut : trace.is_valid ? texts.valid : texts.invalid;
  return (
    <p className={classes.verdict} data-tone={tone} data-testid="verdict">
      <b>{word}</b>
      {trace.error === null ? texts.rules(trace.is_confirmed) : trace.error.message}
    </p>
  );
}

function InputChoice({
  input,
  count,
  onInput,
}: {
  readonly input: number;
  readonly count: number;
  readonly onInput: (input: number) => void;
}): ReactElement {
  return (
    <label className={classes.input}>
      {texts.input}
      <input
        type="number"
        min={0}
        max={count - 1}
        value={input}
        onChange={({ target }) => {
          const next = target.valueAsNumber;
          if (Number.isInteger(next) && next >= 0 && next < count) onInput(next);
        }}
      />
      <span>{texts.inputOf(count)}</span>
    </label>
  );
}
