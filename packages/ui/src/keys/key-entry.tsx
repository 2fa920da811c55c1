import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { DialogButtons } from "../dialog/dialog.tsx";
import { Field } from "../field.tsx";
import classes from "./key-entry.module.css";
import type { KeyRole } from "./key-store.ts";
import { whereKeysAreKept } from "./remembered-keys.ts";
import type { EnteredKey } from "./run-with-key.ts";
import { keyTexts } from "./texts.ts";

interface KeyEntryProps {
  readonly forRole: KeyRole;
  /** Why the last one was none. */
  readonly problem?: string | undefined;
  readonly isBusy?: boolean;
  readonly onEnter: (entered: EnteredKey) => void;
  /** Without it there is no such button. */
  readonly onCancel?: () => void;
}

/** Asks for a key: for the tab, unless the reader wants it remembered. */
export function KeyEntry({ forRole: role, problem, isBusy = false, onEnter, onCancel }: KeyEntryProps): ReactElement {
  const [key, setKey] = useState("");
  const place = whereKeysAreKept();
  const [isKept, setIsKept] = useState(false);
  return (
    <form
      className={classes.form}
      aria-label={keyTexts.formName}
      onSubmit={(event) => {
        event.preventDefault();
        if (key !== "") onEnter({ key, isKept });
      }}
    >
      <p className={classes.text}>{keyTexts.why[role]}</p>
      <Field
        label={keyTexts.label[role]}
        type="password"
        data-autofocus
        value={key}
        problem={key === "" ? problem : undefined}
        onChange={(event) => setKey(event.target.value.trim())}
      />
      {place === "nothing" ? (
        <p className={classes.text}>{keyTexts.nothingKept}</p>
      ) : (
        <label className={classes.choice}>
          <input type="checkbox" checked={isKept} onChange={(event) => setIsKept(event.target.checked)} />
          <span>
            {keyTexts.remember[place]} <small>{keyTexts.rememberHint[place]}</small>
          </span>
        </label>
      )}
      <DialogButtons>
        {onCancel !== undefined && (
          <Button variant="default" onClick={onCancel}>
            {keyTexts.cancel}
          </Button>
        )}
        <Button type="submit" disabled={key === ""} loading={isBusy}>
          {keyTexts.go}
        </Button>
      </DialogButtons>
    </form>
  );
}
