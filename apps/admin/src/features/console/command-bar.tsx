import type { RpcMethodView } from "@bitfleet/api/rest/console.ts";
import { Field } from "@bitfleet/ui/field.tsx";
import { Button } from "@mantine/core";
import {
  type Dispatch,
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type SetStateAction,
  useRef,
  useState,
} from "react";
import { type Call, LineProblem, readLine } from "./command-line.ts";
import classes from "./console.module.css";
import { keptLines } from "./results-store.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.line;

interface CommandBarProps {
  readonly methods: readonly RpcMethodView[];
  readonly line: string;
  readonly onLine: Dispatch<SetStateAction<string>>;
  /** Tells whether the call was made. */
  readonly onRun: (call: Call) => Promise<boolean>;
  /** Before the line. */
  readonly children?: ReactNode;
}

/** A line as bitcoin-cli takes it; arrow keys bring back earlier ones. */
export function CommandBar({ methods, line, onLine, onRun, children }: CommandBarProps): ReactElement {
  const [problem, setProblem] = useState<string>();
  /** Lines back from the newest; 0 is what is being written. */
  const back = useRef(0);
  const change = (next: string) => {
    setProblem(undefined);
    onLine(next);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    let call: Call;
    try {
      call = readLine(line, methods);
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      setProblem(error.message);
      return;
    }
    back.current = 0;
    // What was written meanwhile stays.
    if (await onRun(call)) onLine((now) => (now === line ? "" : now));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (step === 0) return;
    const lines = keptLines();
    const next = back.current + step;
    if (next < 0 || next > lines.length) return;
    event.preventDefault();
    back.current = next;
    change(next === 0 ? "" : (lines.at(-next) ?? ""));
  };
  return (
    <form className={classes.bar} onSubmit={(event) => void submit(event)}>
      {children}
      <Field
        label={texts.label}
        className={classes.line}
        placeholder={texts.placeholder}
        hint={texts.hint}
        autoCapitalize="none"
        value={line}
        problem={problem}
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <Button type="submit">{texts.run}</Button>
    </form>
  );
}
