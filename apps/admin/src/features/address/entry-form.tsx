import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, useId, useRef, useState } from "react";
import classes from "./address.module.css";
import { texts } from "./texts.ts";
import { readEntry } from "./watched-text.ts";

const words = texts.entry;
const GAPS = ["20", "50", "100", "200"] as const;
const GAP_DEFAULT = "20";

/** Takes an address, descriptors or an extended public key. A private key is refused here, before it is in any address or request. */
export function EntryForm({ text, gap }: { readonly text: string; readonly gap: number | undefined }): ReactElement {
  const id = useId();
  const navigate = useNavigate();
  const box = useRef<HTMLTextAreaElement>(null);
  const given = readEntry(text);
  const isPrivate = given.kind === "problem" && given.problem === "private";
  const [entered, setEntered] = useState(isPrivate ? "" : text);
  const [problem, setProblem] = useState<keyof typeof words.problems | undefined>(
    text !== "" && given.kind === "problem" ? given.problem : undefined,
  );
  const [chosenGap, setChosenGap] = useState<string>(String(gap ?? GAP_DEFAULT));
  const look = (event: FormEvent) => {
    event.preventDefault();
    const entry = readEntry(entered);
    if (entry.kind === "problem") {
      setProblem(entry.problem);
      box.current?.focus();
      return;
    }
    setProblem(undefined);
    if (entry.kind === "address") {
      void navigate({ to: "/address/$id", params: { id: entry.address } });
      return;
    }
    const search = { d: entered.trim(), ...(chosenGap !== GAP_DEFAULT && { gap: Number(chosenGap) }) };
    void navigate({ to: "/descriptor", search });
  };
  return (
    <Card>
      <form className={classes.entry} onSubmit={look} aria-label={words.title} noValidate>
        <label htmlFor={id}>{words.label}</label>
        <textarea
          ref={box}
          id={id}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          value={entered}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-note`}
          onChange={(event) => {
            setEntered(event.target.value);
            setProblem(undefined);
          }}
          onKeyDown={(event) => {
            // A descriptor is one line; several are begun by Shift and Return.
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) look(event);
          }}
        />
        <span id={`${id}-note`} className={problem === undefined ? classes.quiet : classes.problem} role="status">
          {problem === undefined ? words.hint : words.problems[problem]}
        </span>
        <div className={classes.buttons}>
          <Choice
            label={words.gap}
            hasLabel
            options={GAPS.map((value) => ({ value, title: value }))}
            value={GAPS.find((one) => one === chosenGap) ?? GAP_DEFAULT}
            onChoose={setChosenGap}
          />
          <Button type="submit">{words.look}</Button>
        </div>
      </form>
    </Card>
  );
}
