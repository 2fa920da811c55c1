import { Button } from "@mantine/core";
import { createContext, type ReactElement, type ReactNode, use, useCallback, useState } from "react";
import { Field } from "../field.tsx";
import classes from "./confirm.module.css";
import { Dialog, DialogButtons } from "./dialog.tsx";

/** What is asked before something that spends, mines or cuts. */
export interface Question {
  /** "Send 0.5 BTC?" */
  readonly title: string;
  /** What will happen, as precisely as it is known. */
  readonly text: ReactNode;
  /** On the button that does it, as a verb: "Send". */
  readonly confirmLabel: string;
  /** It cannot be undone. */
  readonly isDangerous?: boolean;
  /** Must be typed first, for what is worst: the name of a wallet or a snapshot. */
  readonly typed?: string;
}

type Confirm = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Confirm | undefined>(undefined);

interface Asked extends Question {
  readonly answer: (isConfirmed: boolean) => void;
}

/** Lets everything below it ask. One question at a time: another one answers the first with no. */
export function ConfirmProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [asked, setAsked] = useState<Asked>();
  const confirm = useCallback<Confirm>(
    (question) =>
      new Promise((resolve) => {
        setAsked((before) => {
          before?.answer(false);
          return { ...question, answer: resolve };
        });
      }),
    [],
  );
  const answer = (isConfirmed: boolean) => {
    asked?.answer(isConfirmed);
    setAsked(undefined);
  };
  return (
    <ConfirmContext value={confirm}>
      {children}
      <Dialog
        isOpen={asked !== undefined}
        onClose={() => answer(false)}
        title={asked?.title ?? ""}
        size="small"
        isModalOnly
      >
        {asked !== undefined && <Answer asked={asked} onAnswer={answer} />}
      </Dialog>
    </ConfirmContext>
  );
}

/** `await confirm({ … })` is whether the reader wants it. */
export function useConfirm(): Confirm {
  const confirm = use(ConfirmContext);
  if (confirm === undefined) throw new Error("useConfirm outside of ConfirmProvider");
  return confirm;
}

function Answer({
  asked,
  onAnswer,
}: {
  readonly asked: Asked;
  readonly onAnswer: (isConfirmed: boolean) => void;
}): ReactElement {
  const [typed, setTyped] = useState("");
  const isReady = asked.typed === undefined || typed.trim() === asked.typed;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onAnswer(true);
      }}
    >
      <div className={classes.text}>{asked.text}</div>
      {asked.typed !== undefined && (
        <Field
          label={`Type ${asked.typed} to confirm`}
          value={typed}
          data-autofocus
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <DialogButtons>
        <Button variant="default" onClick={() => onAnswer(false)} {...(asked.typed === undefined && NO_FIRST)}>
          Cancel
        </Button>
        <Button
          type="submit"
          disabled={!isReady}
          className={asked.isDangerous ? (classes.danger ?? "") : ""}
          data-testid="confirm"
        >
          {asked.confirmLabel}
        </Button>
      </DialogButtons>
    </form>
  );
}

/** Return pressed by mistake does nothing. */
const NO_FIRST = { "data-autofocus": true };
