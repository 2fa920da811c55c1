import { type ReactElement, type ReactNode, useId } from "react";
import classes from "./option-tiles.module.css";

export interface TileOption<Value extends string | number> {
  readonly value: Value;
  readonly title: ReactNode;
  /** What it comes to. */
  readonly figure?: ReactNode;
  /** A smaller line below. */
  readonly note?: ReactNode;
}

interface OptionTilesProps<Value extends string | number> {
  readonly label: string;
  /** `undefined` while they are on their way: as many places as there will be are kept. */
  readonly options: readonly TileOption<Value>[] | undefined;
  readonly placeCount?: number;
  readonly value: Value | undefined;
  readonly onChoose: (value: Value) => void;
  /** Below the tiles: what the choice asks for. */
  readonly children?: ReactNode;
}

/** One of a few, each a tile that says what it comes to. */
export function OptionTiles<Value extends string | number>(props: OptionTilesProps<Value>): ReactElement {
  const { label, options, placeCount = 3, value, onChoose, children } = props;
  const name = useId();
  return (
    <fieldset className={classes.place}>
      <legend>{label}</legend>
      <div className={classes.options}>
        {options === undefined &&
          Array.from({ length: placeCount }, (_, index) => index).map((index) => (
            <span key={index} className={classes.skeleton} />
          ))}
        {options?.map((option) => (
          <label key={option.value} className={classes.option}>
            <input type="radio" name={name} checked={value === option.value} onChange={() => onChoose(option.value)} />
            <strong>{option.title}</strong>
            {option.figure !== undefined && <span>{option.figure}</span>}
            {option.note !== undefined && <small>{option.note}</small>}
          </label>
        ))}
      </div>
      {children}
    </fieldset>
  );
}
