import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Decoder } from "./decoder.ts";
import { NoCodeError, problemOf } from "./problem-of.ts";
import type { CodeContent } from "./read-code.ts";
import { readFile } from "./read-file.ts";
import classes from "./scan.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.picture;

interface PicturePartProps {
  readonly decoder: Decoder;
  readonly onContent: (content: CodeContent) => void;
  readonly onProblem: (problem: string | undefined) => void;
}

/** Files that are taken at once. */
const FILES_MAX = 200;

/** Takes pictures of codes, and texts: files, dropped, or pasted anywhere while this is shown. */
export function PicturePart({ decoder, onContent, onProblem }: PicturePartProps): ReactElement {
  const [isLooking, setIsLooking] = useState(false);
  const [isOver, setIsOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const shown = useRef(new AbortController());
  useEffect(() => {
    const ending = new AbortController();
    shown.current = ending;
    return () => ending.abort();
  }, []);
  const take = async (files: readonly File[]) => {
    if (isLooking) return;
    if (files.length === 0) return onProblem(texts.nothing);
    if (files.length > FILES_MAX) return onProblem(texts.tooMany(formatCount(FILES_MAX)));
    onProblem(undefined);
    setIsLooking(true);
    const { signal } = shown.current;
    for (const file of files) {
      try {
        const contents = await readFile(file, { decoder }, signal);
        if (contents.length === 0) throw new NoCodeError();
        for (const content of contents) onContent(content);
      } catch (error) {
        if (signal.aborted) break;
        const problem = problemOf(error);
        onProblem(files.length === 1 ? problem : texts.of(file.name, problem));
      }
    }
    setIsLooking(false);
  };
  const paste = useEffectEvent((event: ClipboardEvent) => {
    event.preventDefault();
    void take([...(event.clipboardData?.files ?? [])]);
  });
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => paste(event);
    // Dropped beside the field, the browser would open it in the place of the wallet.
    const keepPage = (event: DragEvent) => event.preventDefault();
    document.addEventListener("paste", onPaste);
    document.addEventListener("dragover", keepPage);
    document.addEventListener("drop", keepPage);
    return () => {
      document.removeEventListener("paste", onPaste);
      document.removeEventListener("dragover", keepPage);
      document.removeEventListener("drop", keepPage);
    };
  }, []);
  return (
    <fieldset
      className={classes.picture}
      data-over={isOver}
      aria-label={texts.legend}
      onDragOver={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        // A page below may take files, too.
        event.stopPropagation();
        setIsOver(false);
        void take([...event.dataTransfer.files]);
      }}
    >
      <Button variant="default" data-autofocus loading={isLooking} onClick={() => file.current?.click()}>
        {texts.choose}
      </Button>
      <input
        ref={file}
        type="file"
        hidden
        aria-label={texts.choose}
        accept="image/*,.json,.txt"
        multiple
        onChange={(event) => {
          void take([...(event.target.files ?? [])]);
          // The same may be chosen again.
          event.target.value = "";
        }}
      />
      <span className={formClasses.note} role="status">
        {isLooking ? texts.looking : texts.how}
      </span>
    </fieldset>
  );
}
