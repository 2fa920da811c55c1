import { useMediaQuery } from "@mantine/hooks";
import { type ReactElement, type ReactNode, useEffect, useId, useState } from "react";
import classes from "./filters.module.css";
import { AGES, isFiltered, type MempoolFilters, type MempoolSearch, ORDERS, RELATIVES } from "./mempool-search.ts";
import { texts } from "./texts.ts";

const words = texts.filters;
const ANY = "any";

interface FiltersProps {
  readonly filters: MempoolFilters;
  readonly onFilter: (filters: MempoolSearch) => void;
}

/** Which transactions are listed, and in which order; all of it is in the address. On a phone the filters are folded away. */
export function Filters({ filters, onFilter }: FiltersProps): ReactElement {
  const isNarrow = useMediaQuery("(max-width: 560px)", false, { getInitialValueInEffect: false });
  const [isOpen, setIsOpen] = useState(() => isFiltered(filters));
  const choose = (name: keyof MempoolFilters) => (value: string | number | boolean | undefined) =>
    onFilter({ [name]: value } as MempoolFilters);
  const fields = (
    <>
      <Pair>
        <NumberBox label={words.from} value={filters.from} onEnter={choose("from")} />
        <NumberBox label={words.to} value={filters.to} onEnter={choose("to")} />
      </Pair>
      <Pair>
        <NumberBox label={words.minSize} value={filters.minsize} onEnter={choose("minsize")} />
        <NumberBox label={words.maxSize} value={filters.maxsize} onEnter={choose("maxsize")} />
      </Pair>
      <Select
        label={words.age}
        value={filters.age ?? ANY}
        options={[ANY, ...AGES].map((value) => [value, words.ages[value as keyof typeof words.ages]])}
        onChoose={(value) => choose("age")(value === ANY ? undefined : value)}
      />
      <Select
        label={words.replaceable}
        value={filters.rbf === undefined ? ANY : filters.rbf ? "yes" : "no"}
        options={(["any", "yes", "no"] as const).map((value) => [value, words.replaceables[value]])}
        onChoose={(value) => choose("rbf")(value === ANY ? undefined : value === "yes")}
      />
      <Select
        label={words.relatives}
        value={filters.relatives ?? ANY}
        options={(["any", ...RELATIVES] as const).map((value) => [value, words.relativesKinds[value]])}
        onChoose={(value) => choose("relatives")(value === ANY ? undefined : value)}
      />
    </>
  );
  return (
    <search className={classes.filters} aria-label={words.label}>
      <Select
        label={words.order}
        value={filters.order ?? "newest"}
        options={ORDERS.map((value) => [value, words.orders[value]])}
        onChoose={(value) => choose("order")(value === "newest" ? undefined : value)}
      />
      <details
        className={classes.more}
        open={isOpen || !isNarrow}
        onToggle={(event) => isNarrow && setIsOpen(event.currentTarget.open)}
      >
        <summary>{words.more}</summary>
        <div className={classes.filters}>{fields}</div>
      </details>
    </search>
  );
}

const Pair = ({ children }: { readonly children: ReactNode }) =>
  (<div className={classes.pair}>{children}</div>) as ReactElement;

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, title: string])[];
  readonly onChoose: (value: string) => void;
}

function Select({ label, value, options, onChoose }: SelectProps): ReactElement {
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.target.value)}>
        {options.map(([each, title]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
}

interface NumberBoxProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly onEnter: (value: number | undefined) => void;
}

/** Takes effect when it is left or Return is pressed, so that the list does not jump at each digit. */
function NumberBox({ label, value, onEnter }: NumberBoxProps): ReactElement {
  const id = useId();
  const [text, setText] = useState("");
  useEffect(() => setText(value === undefined ? "" : String(value)), [value]);
  const enter = () => {
    const entered = text.trim() === "" ? undefined : Number(text.replace(",", "."));
    if (entered !== undefined && !(entered >= 0)) setText(value === undefined ? "" : String(value));
    else if (entered !== value) onEnter(entered);
  };
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        inputMode="decimal"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={enter}
        onKeyDown={(event) => event.key === "Enter" && enter()}
      />
    </div>
  );
}
