import type { RpcMethodView } from "@bitfleet/api/rest/console.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import type { JsonValue } from "@bitfleet/ui/json/json-lines.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, type ReactElement, useState } from "react";
import { type Call, writeLine } from "./command-line.ts";
import classes from "./console.module.css";
import { type Entered, paramsOf } from "./entered-params.ts";
import { ParamField } from "./param-field.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.form;

interface MethodFormProps {
  readonly method: RpcMethodView;
  readonly onRun: (call: Call) => Promise<boolean>;
  /** An example is to stand in the command line. */
  readonly onLine: (line: string) => void;
}

/** One method: a field for each parameter, its help, and its examples. */
export function MethodForm({ method, onRun, onLine }: MethodFormProps): ReactElement {
  const [entered, setEntered] = useState<Entered>({});
  const [isTried, setIsTried] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const { params, problems } = paramsOf(method.params, entered);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (problems.size > 0 || isBusy) return;
    setIsBusy(true);
    await onRun({ method: method.name, params });
    setIsBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    // In a field of several lines Enter alone makes a new one.
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  };
  return (
    <Card title={method.name} className={classes.method}>
      <p className={classes.call}>{method.call}</p>
      {method.is_elsewhere && <p className={classes.note}>{texts.elsewhere}</p>}
      <form
        className={classes.form}
        aria-label={texts.label(method.name)}
        noValidate
        onKeyDown={onKeyDown}
        onSubmit={(event) => void submit(event)}
      >
        {method.params.length === 0 && <p className={classes.note}>{texts.none}</p>}
        {method.params.map((param) => (
          <ParamField
            key={param.name}
            param={param}
            entered={entered}
            problemOf={(name) => (isTried ? problems.get(name) : undefined)}
            onChange={(name, value) => setEntered((before) => ({ ...before, [name]: value }))}
          />
        ))}
        <div className={classes.buttons}>
          <Button type="submit" loading={isBusy}>
            {texts.call}
          </Button>
          {method.params.length > 0 && <small>{texts.run}</small>}
        </div>
      </form>
      {method.examples.length > 0 && <Examples method={method} onLine={onLine} />}
      <details className={classes.help}>
        <summary>{texts.help}</summary>
        <pre>{method.help}</pre>
      </details>
    </Card>
  );
}

function Examples({ method, onLine }: Pick<MethodFormProps, "method" | "onLine">): ReactElement {
  const lines = [...new Set(method.examples.map((words) => exampleLine(method, words)))];
  return (
    <section className={classes.examples} aria-label={texts.examples}>
      <h3>{texts.examples}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>
            <button type="button" title={texts.useExample} onClick={() => onLine(line)}>
              {line}
            </button>
            <CopyButton text={line} label={line} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const exampleLine = ({ name }: RpcMethodView, words: readonly string[]) =>
  writeLine({ method: name, params: words.map(fromJson) });

function fromJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
