import formClasses from "@bitfleet/ui/form.module.css";
import { formatBytes } from "@bitfleet/ui/format.ts";
import { type ReactElement, useId, useState } from "react";
import classes from "./restore-form.module.css";
import { backupTexts as texts } from "./texts.ts";

/** More than a backup of a hundred thousand payments has; what reads it has a limit of its own. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;

export interface ChosenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface BackupFileFieldProps {
  readonly file: ChosenFile | undefined;
  readonly problem: string | undefined;
  readonly onChoose: (file: ChosenFile) => void;
  readonly onProblem: (problem: string) => void;
}

/** A file that is chosen or dropped, read at once. */
export function BackupFileField({ file, problem, onChoose, onProblem }: BackupFileFieldProps): ReactElement {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    if (chosen.size > FILE_BYTES_MAX) return onProblem(texts.tooLarge);
    try {
      onChoose({ name: chosen.name, bytes: new Uint8Array(await chosen.arrayBuffer()) });
    } catch {
      onProblem(texts.unreadable);
    }
  };
  return (
    <fieldset
      className={classes.drop}
      data-over={isOver}
      aria-label={texts.file}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        // Some windows hand on that a file was dropped, and not the file.
        if (event.dataTransfer.files.length === 0) return onProblem(texts.nothingDropped);
        void take(event.dataTransfer.files[0]);
      }}
    >
      <input
        id={id}
        type="file"
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
      <label htmlFor={id}>{file === undefined ? texts.choose : texts.chooseOther}</label>
      {file === undefined ? (
        <span>{texts.drop}</span>
      ) : (
        <span className={classes.name}>{texts.chosen(file.name, formatBytes(file.bytes.length))}</span>
      )}
      <span id={`${id}-problem`} className={formClasses.problem} role="alert">
        {problem}
      </span>
    </fieldset>
  );
}
