import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { type ReactElement, useEffect, useState } from "react";
import { Notice } from "../notice.tsx";
import { CameraView } from "./camera-view.tsx";
import { createDecoder } from "./decoder.ts";
import { PicturePart } from "./picture-part.tsx";
import { problemOf } from "./problem-of.ts";
import type { CodeContent } from "./read-code.ts";
import { texts } from "./texts.ts";
import { takenOf, type Wanted } from "./wanted.ts";

export interface ScanDialogProps {
  readonly isOpen: boolean;
  readonly wanted: Wanted;
  readonly onTake: (value: string) => void;
  readonly onClose: () => void;
}

/** Reads a QR code from a camera or a picture. Loaded with the first code that is to be read. */
export function ScanDialog({ isOpen, ...scanner }: ScanDialogProps): ReactElement {
  return (
    <Dialog isOpen={isOpen} onClose={scanner.onClose} title={texts.title} isModalOnly>
      <Scanner {...scanner} />
    </Dialog>
  );
}

function Scanner({ wanted, onTake }: Omit<ScanDialogProps, "isOpen">): ReactElement {
  const [decoder] = useState(() => createDecoder());
  const [problem, setProblem] = useState<string>();
  useEffect(() => () => decoder.close(), [decoder]);
  const look = (content: CodeContent) => {
    const taken = takenOf(content, wanted);
    if ("problem" in taken) setProblem(taken.problem);
    else onTake(taken.value);
  };
  return (
    <>
      <p className={formClasses.note}>{texts.wants(wanted.what)}</p>
      <CameraView decoder={decoder} onContent={look} onFailure={(error) => setProblem(problemOf(error))} />
      {problem !== undefined && (
        <Notice tone="bad" role="alert">
          {problem}
        </Notice>
      )}
      <PicturePart decoder={decoder} onContent={look} onProblem={setProblem} />
    </>
  );
}
