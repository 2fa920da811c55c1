import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { type ReactElement, useEffect, useId, useRef } from "react";
import classes from "./scan.module.css";
import { texts as allTexts } from "./texts.ts";
import type { Choice } from "./wanted.ts";

const texts = allTexts.choices;

interface ChoicePartProps {
  readonly choices: readonly Choice[];
  readonly onChoose: (value: string) => void;
  readonly onAgain: () => void;
}

/** One of several that a code has. It takes the place of the camera, and the focus. */
export function ChoicePart({ choices, onChoose, onAgain }: ChoicePartProps): ReactElement {
  const id = useId();
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in the dialog's grid */}
      <div role="group" aria-labelledby={id} className={classes.choices}>
        <p id={id}>{texts.title}</p>
        {choices.map(({ title, value }, place) => (
          <Button
            key={title}
            ref={place === 0 ? first : undefined}
            variant={place === 0 ? "filled" : "default"}
            onClick={() => onChoose(value)}
          >
            {title}
          </Button>
        ))}
      </div>
      <div className={formClasses.buttons}>
        <Button variant="default" size="xs" onClick={onAgain}>
          {texts.again}
        </Button>
      </div>
    </>
  );
}
