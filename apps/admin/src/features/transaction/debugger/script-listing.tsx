import type { InputTrace } from "@bitfleet/api/rest/input-trace.ts";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { shortHash } from "@bitfleet/ui/format.ts";
import { type ReactElement, useEffect, useMemo, useRef } from "react";
import classes from "./debugger.module.css";
import { instructionName, opcodeMeaning } from "./opcode-words.ts";
import { type Instruction, instructionsOf, type TracePhase, type TraceStep } from "./stops.ts";
import { debuggerTexts as texts } from "./texts.ts";

interface ScriptListingProps {
  readonly phase: TracePhase;
  readonly trace: InputTrace;
  /** That ran last, of this script. */
  readonly step: TraceStep | undefined;
}

type LineState = "current" | "failed" | "ran" | "skipped" | "ahead";

/** The whole script, an instruction a line: what ran, what is passed over, and where it stands. */
export function ScriptListing({ phase, trace, step }: ScriptListingProps): ReactElement {
  const lines = useMemo(() => instructionsOf(phase.script_hex), [phase.script_hex]);
  const runs = useMemo(() => {
    const steps = trace.steps.slice(phase.step_from, phase.step_from + phase.step_count);
    return new Map(steps.map((one) => [one.offset, one]));
  }, [trace, phase]);
  return (
    <section className={classes.pane} aria-label={texts.script}>
      <h3>
        {texts.phases[phase.name]}
        {phase.script_hex !== "" && <CopyButton text={phase.script_hex} label={texts.phases[phase.name]} />}
      </h3>
      {lines.length === 0 ? (
        <p className={classes.none}>{phase.name === "keyPath" ? texts.keyPath : texts.emptyScript}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <ol className={classes.lines} tabIndex={0}>
          {lines.map((line) => (
            <Line
              key={line.offset}
              line={line}
              state={stateOf(line, runs.get(line.offset), step)}
              isTapscript={phase.name === "tapscript"}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function stateOf(line: Instruction, run: TraceStep | undefined, current: TraceStep | undefined): LineState {
  if (current !== undefined && line.offset === current.offset) return current.error === null ? "current" : "failed";
  if (current === undefined || run === undefined || line.offset > current.offset) return "ahead";
  return run.is_executed ? "ran" : "skipped";
}

function Line({
  line,
  state,
  isTapscript,
}: {
  readonly line: Instruction;
  readonly state: LineState;
  readonly isTapscript: boolean;
}): ReactElement {
  const element = useRef<HTMLLIElement>(null);
  const isCurrent = state === "current" || state === "failed";
  useEffect(() => {
    if (isCurrent) scrollWithin(element.current);
  }, [isCurrent]);
  const dataSize = line.data.length / 2;
  return (
    <li
      ref={element}
      data-state={state}
      aria-current={isCurrent ? "step" : undefined}
      title={line.isBroken ? texts.broken : opcodeMeaning(line.opcode, dataSize, isTapscript)}
    >
      <span className={classes.offset}>{line.offset}</span>
      <code>{line.isBroken ? texts.broken : instructionName(line.opcode, dataSize)}</code>
      {line.data !== "" && <code className={classes.data}>{shortHash(line.data, 12)}</code>}
    </li>
  );
}

/** Scrolls the list alone, never the page: that would jump at each step. */
function scrollWithin(line: HTMLLIElement | null): void {
  const list = line?.parentElement;
  if (line == null || list == null) return;
  const top = line.offsetTop - list.offsetTop;
  if (top < list.scrollTop || top + line.offsetHeight > list.scrollTop + list.clientHeight) {
    list.scrollTop = top - list.clientHeight / 2;
  }
}
