import type { RpcParamView } from "@bitfleet/api/rest/console.ts";
import { Field } from "@bitfleet/ui/field.tsx";
import { type ReactElement, useId } from "react";
import classes from "./console.module.css";
import { type Entered, membersOf, type ParamSchema, schemaOf, takesLines } from "./entered-params.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.form;

interface ParamFieldProps {
  readonly param: RpcParamView;
  readonly entered: Entered;
  readonly problemOf: (name: string) => string | undefined;
  readonly onChange: (name: string, value: string) => void;
}

/** The field of a parameter by its kind: a choice, several lines, a line; or all fields of an object of options. */
export function ParamField(props: ParamFieldProps): ReactElement {
  const { param, entered, problemOf, onChange } = props;
  const members = membersOf(param);
  if (members.length > 0) return <OptionFields {...props} members={members} />;
  const schema = schemaOf(param);
  const value = entered[param.name] ?? "";
  const problem = problemOf(param.name);
  const change = (text: string) => onChange(param.name, text);
  const choices = choicesOf(schema);
  const name = param.name.slice(param.name.lastIndexOf(".") + 1);
  const label = `${name}${param.is_required ? ` (${texts.required})` : ""}`;
  const hint = schema.description;
  const initial = initialOf(param, schema);
  if (choices !== undefined) {
    return (
      <LabelledField label={label} note={problem ?? hint} isProblem={problem !== undefined}>
        {(id) => (
          <select id={id} value={value} onChange={(event) => change(event.target.value)}>
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
      <LabelledField label={label} note={problem ?? hint} isProblem={problem !== undefined} isWide>
        {(id) => (
          <textarea
            id={id}
            rows={3}
            spellCheck={false}
            placeholder={initial || sampleOf(schema)}
            value={value}
            onChange={(event) => change(event.target.value)}
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
      type={/pass|priv/i.test(name) && param.is_text ? "password" : "text"}
      value={value}
      onChange={(event) => change(event.target.value)}
    />
  );
}

/** The fields of an object of options, behind its name: few of them are needed at a time. */
function OptionFields({
  param,
  members,
  ...props
}: ParamFieldProps & { readonly members: readonly RpcParamView[] }): ReactElement {
  const count = members.filter(({ name }) => (props.entered[name] ?? "") !== "").length;
  return (
    <details className={classes.options}>
      <summary>{texts.options(param.name, count)}</summary>
      <div className={classes.form}>
        {members.map((member) => (
          <ParamField key={member.name} param={member} {...props} />
        ))}
      </div>
    </details>
  );
}

function LabelledField({
  label,
  note,
  isProblem,
  isWide = false,
  children,
}: {
  readonly label: string;
  readonly note: string | undefined;
  readonly isProblem: boolean;
  readonly isWide?: boolean;
  readonly children: (id: string) => ReactElement;
}): ReactElement {
  const id = useId();
  return (
    <div className={classes.field} data-wide={isWide}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {note !== undefined && <span data-problem={isProblem}>{note}</span>}
    </div>
  );
}

/** What holds where nothing is entered, in words. */
function initialOf(param: RpcParamView, schema: ParamSchema): string {
  if (schema.default !== undefined)
    return typeof schema.default === "string" ? schema.default : JSON.stringify(schema.default);
  return param.default_hint ?? "";
}

/** The values that there are, where they are few. */
function choicesOf({ type, enum: values, anyOf }: ParamSchema): readonly string[] | undefined {
  if (type === "boolean") return ["true", "false"];
  if (values !== undefined) return values.map(String);
  const constants = anyOf?.map((one) => one.const);
  return constants?.every((one) => one !== undefined) ? constants.map(String) : undefined;
}

function isBranch({ type, anyOf }: ParamSchema): boolean {
  const types = Array.isArray(type) ? type : [type];
  return types.some((one) => one === "array" || one === "object") || (anyOf?.some(isBranch) ?? false);
}

/** What an entry looks like. */
function sampleOf(schema: ParamSchema): string {
  if (takesLines(schema)) return texts.lines;
  const fields = schema.items?.properties;
  if (fields === undefined) return texts.json;
  const sample = Object.entries(fields).map(([name, { type }]) => [name, type === "string" ? "…" : 0]);
  return JSON.stringify([Object.fromEntries(sample)]);
}
