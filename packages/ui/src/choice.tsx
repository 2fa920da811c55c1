import { type ReactElement, useId } from "react";
import classes from "./choice.module.css";

interface ChoiceProps<Value extends string> {
  readonly label: string;
  /** Shows the label above; otherwise it is heard alone. */
  readonly hasLabel?: boolean;
  readonly options: readonly { readonly value: Value; readonly title: string }[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}

/** One of a few, all of them in sight. */
export function Choice<Value extends string>(props: ChoiceProps<Value>): ReactElement {
  const { label, hasLabel = false, options, value, onChoose } = props;
  const name = useId();
  return (
    <fieldset className={classes.place}>
      <legend data-hidden={!hasLabel}>{label}</legend>
      <div className={classes.options}>
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            {option.title}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
