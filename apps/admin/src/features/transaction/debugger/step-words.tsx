import type { InputTrace } from "@bitfleet/api/rest/input-trace.ts";
import type { ReactElement } from "react";
import classes from "./debugger.module.css";
import { instructionName, opcodeMeaning } from "./opcode-words.ts";
import type { Stop, TracePhase } from "./stops.ts";
import { debuggerTexts as texts } from "./texts.ts";

interface StepWordsProps {
  readonly stop: Stop;
  readonly phase: TracePhase | undefined;
  readonly trace: InputTrace;
  readonly isLast: boolean;
}

/** What the instruction that ran last does, in one line; at the beginning of a script, what that script is. */
export function StepWords({ stop, phase, trace, isLast }: StepWordsProps): ReactElement {
  const { step } = stop;
  const failure = step?.error != null || (isLast && trace.error !== null) ? trace.error?.message : undefined;
  return (
    <div className={classes.words} aria-live="polite" data-testid="words" data-failed={failure !== undefined}>
      {step === undefined ? (
        <p>
          <b>{phase !== undefined && texts.phases[phase.name]}</b> {phase !== undefined && beginningOf(phase)}
        </p>
      ) : (
        <p>
          <b>{instructionName(step.opcode, step.data_size)}</b>{" "}
          {step.is_executed ? opcodeMeaning(step.opcode, step.data_size, phase?.name === "tapscript") : texts.skipped}
        </p>
      )}
      {failure !== undefined && <p className={classes.failure}>{failure}</p>}
    </div>
  );
}

function beginningOf(phase: TracePhase): string {
  const help = texts.phaseHelp[phase.name];
  if (phase.name === "keyPath") return `${help} ${texts.keyPath}`;
  return `${help} ${phase.script_hex === "" ? texts.emptyScript : texts.begin}`;
}
