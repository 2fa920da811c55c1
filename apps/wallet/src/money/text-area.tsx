import { type ComponentPropsWithRef, type ReactElement, useId } from "react";
import classes from "./money.module.css";

interface TextAreaProps extends Omit<ComponentPropsWithRef<"textarea">, "id"> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  /** Digits rather than words. */
  readonly isMono?: boolean;
}

/** A field of several lines, with its label above it and what is to be said of it below. */
export function TextArea({ label, hint, problem, isMono = false, ...area }: TextAreaProps): ReactElement {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className={classes.area} data-mono={isMono}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={problem !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        {...area}
      />
      {note !== undefined && (
        <span
          id={`${id}-note`}
          className={problem === undefined ? undefined : classes.areaProblem}
          role={problem === undefined ? undefined : "alert"}
        >
          {note}
        </span>
      )}
    </div>
  );
}
