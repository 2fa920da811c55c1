import formClasses from "@bitfleet/ui/form.module.css";
import { formatBytes } from "@bitfleet/ui/format.ts";
import { Button } from "@mantine/core";
import { type DragEvent, type FormEvent, type ReactElement, useRef, useState } from "react";
import type { LongWork } from "../../money/long-work.ts";
import { TextArea } from "../../money/text-area.tsx";
import { WorkBar } from "../../money/work-bar.tsx";
import { ScanButton } from "../../scan/scan-button.tsx";
import { psbtWanted } from "../../scan/wanted.ts";
import classes from "./psbt.module.css";
import { PSBT_BYTES_MAX, pastedPsbt, psbtOfFile } from "./psbt-text.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.open;

interface PsbtEntryProps {
  /** On the button that takes what was pasted. */
  readonly label: string;
  /** What is done with it. */
  readonly work: LongWork;
  /** Answers what is wrong with it. */
  readonly onPsbt: (psbt: string | Uint8Array) => Promise<string | undefined>;
}

/** Takes a PSBT: pasted, from a file, or dropped. */
export function PsbtEntry({ label, work, onPsbt }: PsbtEntryProps): ReactElement {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const [isOver, setIsOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const take = async (read: () => Promise<string | Uint8Array>) => {
    if (isBusy) return;
    setIsBusy(true);
    try {
      const psbt = await read();
      const wrong = psbt.length === 0 ? texts.empty : await onPsbt(psbt);
      setProblem(wrong);
      if (wrong === undefined) setText("");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setIsBusy(false);
    }
  };
  const takeFile = (chosen: File | undefined) => {
    if (chosen === undefined) return;
    if (chosen.size > PSBT_BYTES_MAX) return setProblem(texts.tooLong(formatBytes(PSBT_BYTES_MAX)));
    void take(async () => psbtOfFile(new Uint8Array(await chosen.arrayBuffer())));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void take(async () => pastedPsbt(text));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const { files } = event.dataTransfer;
    if (files.length > 0) return takeFile(files[0]);
    const dropped = event.dataTransfer.getData("text/plain").trim();
    // Some windows hand on that a file was dropped, and not the file.
    if (dropped === "" || dropped.startsWith("file:")) return setProblem(texts.nothingDropped);
    setProblem(undefined);
    setText(dropped);
  };
  return (
    <form
      className={`${formClasses.form} ${classes.entry}`}
      data-over={isOver}
      onSubmit={submit}
      onDrop={drop}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
    >
      <TextArea
        label={texts.field}
        hint={texts.hint}
        isMono
        rows={5}
        maxLength={PSBT_BYTES_MAX}
        value={text}
        problem={problem}
        onChange={(event) => {
          setProblem(undefined);
          setText(event.target.value);
        }}
      />
      <WorkBar work={work} />
      <div className={formClasses.buttons}>
        <Button type="submit" loading={isBusy}>
          {label}
        </Button>
        <Button variant="default" onClick={() => file.current?.click()}>
          {texts.file}
        </Button>
        <ScanButton wanted={psbtWanted} onTake={(psbt) => void take(async () => psbt)} />
        <input
          ref={file}
          type="file"
          hidden
          aria-label={texts.file}
          accept=".psbt,.txn,.txt,application/octet-stream,text/plain"
          onChange={(event) => {
            takeFile(event.target.files?.[0]);
            // The same file may be chosen again.
            event.target.value = "";
          }}
        />
      </div>
    </form>
  );
}
