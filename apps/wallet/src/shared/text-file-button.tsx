import { Button } from "@mantine/core";
import { type ReactElement, useRef } from "react";
import { sharedTexts } from "./texts.ts";

/** Bytes of a file with a key or a descriptor: devices write less than a tenth of that. */
const SIZE_MAX = 100_000;

interface TextFileButtonProps {
  /** What the file is for, for who hears the page. */
  readonly label: string;
  readonly onText: (text: string) => void;
  /** The file is none that can be read: a sentence. */
  readonly onProblem: (problem: string) => void;
}

/** Reads a small file of text into the field that it stands below. */
export function TextFileButton({ label, onText, onProblem }: TextFileButtonProps): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > SIZE_MAX) return onProblem(sharedTexts.file.tooLarge);
    try {
      onText(await file.text());
    } catch {
      // Gone, or not for this page to read.
      onProblem(sharedTexts.file.unreadable);
    }
  };
  return (
    <>
      <Button variant="default" onClick={() => input.current?.click()}>
        {sharedTexts.file.choose}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept=".json,.txt,text/plain,application/json"
        onChange={(event) => {
          void take(event.target.files?.[0]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
    </>
  );
}
