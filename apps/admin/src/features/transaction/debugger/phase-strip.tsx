import { ChevronRightIcon } from "@bitfleet/ui/icons.tsx";
import type { ReactElement } from "react";
import classes from "./debugger.module.css";
import type { TracePhase } from "./stops.ts";
import { debuggerTexts as texts } from "./texts.ts";

/** The scripts in the order in which they run; pressing one goes to its beginning. */
export function PhaseStrip({
  phases,
  current,
  onPhase,
}: {
  readonly phases: readonly TracePhase[];
  readonly current: number;
  readonly onPhase: (index: number) => void;
}): ReactElement {
  return (
    <ol className={classes.phases} aria-label={texts.phases.label}>
      {phases.map((phase, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a phase is its place in the order
        <li key={index}>
          {index > 0 && <ChevronRightIcon />}
          <button
            type="button"
            aria-current={index === current ? "step" : undefined}
            title={texts.phaseHelp[phase.name]}
            onClick={() => onPhase(index)}
          >
            {texts.phases[phase.name]}
          </button>
        </li>
      ))}
    </ol>
  );
}
