import { ApiError } from "@bitfleet/api/errors.ts";
import { Field } from "@bitfleet/ui/field.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import classes from "./block-jump.module.css";
import { useBlockAtTime } from "./queries.ts";
import { texts } from "./texts.ts";

const t = texts.jump;

interface BlockJumpProps {
  /** `undefined` while it is not known. */
  readonly tipHeight: number | undefined;
  readonly onHeight: (height: number) => void;
}

/** Goes to the block of a height, or to the one that was the tip at a time. */
export function BlockJump({ tipHeight, onHeight }: BlockJumpProps): ReactElement {
  return (
    <fieldset className={classes.jump}>
      <legend>{t.label}</legend>
      <HeightForm tipHeight={tipHeight} onHeight={onHeight} />
      <DateForm onHeight={onHeight} />
    </fieldset>
  );
}

function HeightForm({ tipHeight, onHeight }: BlockJumpProps): ReactElement {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Grouped digits are what this page itself shows.
    const height = Number(text.replace(/[\s,]/g, "") || Number.NaN);
    if (!Number.isSafeInteger(height) || height < 0) setProblem(t.wholeNumber);
    else if (tipHeight !== undefined && height > tipHeight) setProblem(t.above(formatCount(tipHeight)));
    else onHeight(height);
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Field
        label={t.height}
        className={classes.height}
        inputMode="numeric"
        value={text}
        problem={problem}
        onChange={({ target: { value } }) => {
          setText(value);
          setProblem(undefined);
        }}
      />
      <Button type="submit" variant="default" aria-label={`${t.go}: ${t.height}`}>
        {t.go}
      </Button>
    </form>
  );
}

function DateForm({ onHeight }: Pick<BlockJumpProps, "onHeight">): ReactElement {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const block = useBlockAtTime();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Without a zone in the text it is the reader's, like all times of the page.
    const unixSeconds = Math.floor(new Date(text).getTime() / 1000);
    if (Number.isNaN(unixSeconds)) setProblem(t.noDate);
    else if (unixSeconds < 0) setProblem(t.before);
    else {
      block.mutate(unixSeconds, {
        onSuccess: ({ height }) => onHeight(height),
        onError: (error) => setProblem(problemOf(error)),
      });
    }
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <Field
        label={t.date}
        className={classes.date}
        type="datetime-local"
        step={1}
        value={text}
        problem={problem}
        onChange={({ target: { value } }) => {
          setText(value);
          setProblem(undefined);
        }}
      />
      <Button type="submit" variant="default" loading={block.isPending} aria-label={`${t.go}: ${t.date}`}>
        {t.go}
      </Button>
    </form>
  );
}

function problemOf(error: unknown): string {
  if (!(error instanceof ApiError) || error.status === 0) return t.failed;
  return error.status === 404 ? t.before : error.message;
}
