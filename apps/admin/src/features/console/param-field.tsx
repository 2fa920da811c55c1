import type { RpcParamView } from "@bitfleet/api/rest/console.ts";
import { Field } from "@bitfleet/ui/field.tsx";
import { type ReactElement, useId } from "react";
import classes from "./console.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.form;

/** As much of JSON Schema as forms are made from. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
}

interface ParamFieldProps {
  readonly param: RpcParamView;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

/** The field of a parameter by its kind: a choice, JSON over several lines, or a line. */
export function ParamField({ param, value, problem, onChange }: ParamFieldProps): ReactElement {
  const schema = param.schema as Schema;
  const choices = choicesOf(schema);
  const label = `${param.name}${param.is_required ? ` (${texts.required})` : ""}`;
  const hint = schema.description;
  const initial = initialOf(param, schema);
  if (choices !== undefined) {
    return (
      <LabelledField label={label} note={problem ?? hint} isProblem={problem !== undefined}>
        {(id) => (
          <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
            <option value="">{texts.unset(initial)}</option>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </select>
        )}
      </LabelledField>
    );
  }
  if (isBranch(schema)) {
    return (
      <LabelledField label={label} note={problem ?? hint} isProblem={problem !== undefined}>
        {(id) => (
          <textarea
            id={id}
            rows={3}
            spellCheck={false}
            placeholder={initial === "" ? texts.json : initial}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </LabelledField>
    );
  }
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      placeholder={initial}
      // Told by its name alone: the schema does not say what is secret.
      type={/pass|priv/i.test(param.name) && param.is_text ? "password" : "text"}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function LabelledField({
  label,
  note,
  isProblem,
  children,
}: {
  readonly label: string;
  readonly note: string | undefined;
  readonly isProblem: boolean;
  readonly children: (id: string) => ReactElement;
}): ReactElement {
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {note !== undefined && <span data-problem={isProblem}>{note}</span>}
    </div>
  );
}

/** What holds where nothing is entered, in words. */
function initialOf(param: RpcParamView, schema: Schema): string {
  if (schema.default !== undefined)
    return typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default);
  return param.default_hint ?? "";
}

/** The values that there are, where they are few. */
function choicesOf({ type, enum: values, anyOf }: Schema): readonly string[] | undefined {
  if (type === "boolean") return ["true", "false"];
  if (values !== undefined) return values.map(String);
  const constants = anyOf?.map((one) => one.const);
  return constants?.every((one) => one !== undefined) ? constants.map(String) : undefined;
}

function isBranch({ type, anyOf }: Schema): boolean {
  return type === "array" || type === "object" || (anyOf?.some(isBranch) ?? false);
}
