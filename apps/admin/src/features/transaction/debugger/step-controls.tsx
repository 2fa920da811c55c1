import { StepBackIcon, StepForwardIcon } from "@bitfleet/ui/icons.tsx";
import { useArrowKeys } from "@bitfleet/ui/pager.tsx";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import classes from "./debugger.module.css";
import { debuggerTexts } from "./texts.ts";

const texts = debuggerTexts.controls;

interface StepControlsProps {
  readonly index: number;
  readonly last: number;
  /** The end is where it fails. */
  readonly hasFailure: boolean;
  readonly onStep: (index: number) => void;
}

/** Forward and back, to the beginning and to the end; arrow keys of the page do so too. */
export function StepControls({ index, last, hasFailure, onStep }: StepControlsProps): ReactElement {
  const go = (next: number) => {
    if (next !== index && next >= 0 && next <= last) onStep(next);
  };
  useArrowKeys({ onLeft: () => go(index - 1), onRight: () => go(index + 1) });
  return (
    <fieldset className={classes.controls}>
      <legend>{texts.label}</legend>
      <Button variant="default" size="sm" disabled={index === 0} onClick={() => go(0)}>
        {texts.first}
      </Button>
      <Button
        variant="default"
        size="sm"
        disabled={index === 0}
        leftSection={<StepBackIcon />}
        onClick={() => go(index - 1)}
        title={texts.keys}
      >
        {texts.back}
      </Button>
      <Button
        size="sm"
        disabled={index === last}
        rightSection={<StepForwardIcon />}
        onClick={() => go(index + 1)}
        title={texts.keys}
      >
        {texts.forward}
      </Button>
      <Button variant="default" size="sm" disabled={index === last} onClick={() => go(last)}>
        {hasFailure ? texts.failure : texts.last}
      </Button>
      <input
        type="range"
        aria-label={texts.slider}
        min={0}
        max={last}
        value={index}
        onChange={({ target }) => go(target.valueAsNumber)}
      />
      <span className={classes.count} data-testid="step">
        {debuggerTexts.step(index, last)}
      </span>
    </fieldset>
  );
}
