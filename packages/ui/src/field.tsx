import { type ComponentPropsWithRef, type ReactElement, useId } from "react";
import classes from "./field.module.css";

interface FieldProps extends Omit<ComponentPropsWithRef<"input">, "id"> {
  readonly label: string;
  /** Said below, and to who hears the page, while there is no problem. */
  readonly hint?: string | undefined;
  /** What is wrong with what was entered. */
  readonly problem?: string | undefined;
  /** Of the label and input together. */
  readonly className?: string | undefined;
}

/** An input with its label above it and what is to be said of it below. */
export function Field({ label, hint, problem, className = "", ...input }: FieldProps): ReactElement {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className={`${classes.field} ${className}`}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        spellCheck={false}
        autoComplete="off"
        dir="auto"
        aria-invalid={problem !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        {...input}
      />
      {note !== undefined && (
        <span
          id={`${id}-note`}
          className={problem === undefined ? undefined : classes.problem}
          role={problem === undefined ? undefined : "alert"}
        >
          {note}
        </span>
      )}
    </div>
  );
}
