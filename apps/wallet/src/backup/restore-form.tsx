import { type ReactElement, useState } from "react";
import { TwoPassphrasesForm } from "../two-passphrases-form.tsx";
import { BackupFileField, type ChosenFile } from "./backup-file-field.tsx";
import { backupTexts as texts } from "./texts.ts";

interface RestoreFormProps {
  readonly onRestore: (backup: Uint8Array, backupPassphrase: string, passphrase: string) => Promise<void>;
}

/** A backup file, its passphrase, and the one that this device is to have. */
export function RestoreForm({ onRestore }: RestoreFormProps): ReactElement {
  const [file, setFile] = useState<ChosenFile>();
  const [fileProblem, setFileProblem] = useState<string>();
  return (
    <TwoPassphrasesForm
      label={texts.restore}
      lead={(task, isTried) => (
        <BackupFileField
          file={file}
          problem={fileProblem ?? (isTried && file === undefined ? texts.missingFile : undefined)}
          onChoose={(chosen) => {
            setFile(chosen);
            setFileProblem(undefined);
            task.clear();
          }}
          onProblem={setFileProblem}
        />
      )}
      isLeadComplete={file !== undefined}
      current={{ label: texts.passphrase, hint: texts.passphraseHint, missing: texts.missingPassphrase }}
      next={{ label: texts.own, same: texts.same }}
      go={texts.restore}
      onGo={async (current, next) => {
        if (file !== undefined) await onRestore(file.bytes, current, next);
      }}
    />
  );
}
