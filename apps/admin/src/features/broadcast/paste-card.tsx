import { Card } from "@bitfleet/ui/card.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useId, useRef } from "react";
import classes from "./broadcast.module.css";
import { type Pasted, textOfFile } from "./pasted.ts";
import { broadcastTexts } from "./texts.ts";

const texts = broadcastTexts.paste;

/** A PSBT may carry whole transactions; more than this none has. */
const FILE_BYTES_MAX = 4_000_000;

interface PasteCardProps {
  readonly text: string;
  readonly pasted: Pasted;
  readonly onText: (text: string) => void;
}

/** Where a transaction is pasted, or opened from a file. */
export function PasteCard({ text, pasted, onText }: PasteCardProps): ReactElement {
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const problem = pasted.kind === "unknown" ? texts[pasted.problem] : undefined;
  const open = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    if (chosen.size > FILE_BYTES_MAX) return void toast.bad(texts.fileTooLarge);
    try {
      onText(textOfFile(new Uint8Array(await chosen.arrayBuffer())));
    } catch (error) {
      toast.failure(texts.fileFailed, error);
    }
  };
  return (
    <Card>
      <div className={classes.paste}>
        <label htmlFor={id}>{texts.label}</label>
        <textarea
          id={id}
          value={text}
          rows={5}
          spellCheck={false}
          autoComplete="off"
          placeholder={texts.placeholder}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-note`}
          onChange={({ target }) => onText(target.value)}
        />
        <div className={classes.below}>
          <span
            id={`${id}-note`}
            data-problem={problem !== undefined}
            role={problem === undefined ? undefined : "alert"}
          >
            {problem ?? texts.hint}
          </span>
          <span className={classes.buttons}>
            <input
              ref={file}
              type="file"
              hidden
              aria-label={texts.file}
              onChange={({ target }) => {
                void open(target.files?.[0]);
                target.value = "";
              }}
            />
            <Button variant="default" size="sm" onClick={() => file.current?.click()}>
              {texts.file}
            </Button>
            <Button variant="default" size="sm" disabled={text === ""} onClick={() => onText("")}>
              {texts.clear}
            </Button>
          </span>
        </div>
      </div>
    </Card>
  );
}
