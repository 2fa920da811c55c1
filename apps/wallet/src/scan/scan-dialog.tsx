import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { type ReactElement, useEffect, useState } from "react";
import { Notice } from "../notice.tsx";
import { CameraView } from "./camera-view.tsx";
import { ChoicePart } from "./choice-part.tsx";
import { CodeLook, type Looked } from "./code-look.ts";
import { createDecoder } from "./decoder.ts";
import { PartsProgress } from "./parts-progress.tsx";
import { PicturePart } from "./picture-part.tsx";
import { problemOf } from "./problem-of.ts";
import type { CodeContent } from "./read-code.ts";
import { texts } from "./texts.ts";
import type { Wanted } from "./wanted.ts";

export interface ScanDialogProps {
  readonly isOpen: boolean;
  readonly wanted: Wanted;
  readonly onTake: (value: string) => void;
  readonly onClose: () => void;
}

/** Reads QR codes from a camera or pictures, until one fits or several make what fits. Loaded with the first code that is to be read. */
export function ScanDialog({ isOpen, ...scanner }: ScanDialogProps): ReactElement {
  return (
    <Dialog isOpen={isOpen} onClose={scanner.onClose} title={texts.title} isModalOnly>
      <Scanner {...scanner} />
    </Dialog>
  );
}

const NOTHING: Looked = {};

function Scanner({ wanted, onTake }: Omit<ScanDialogProps, "isOpen">): ReactElement {
  const [decoder] = useState(() => createDecoder());
  const [looked, setLooked] = useState(NOTHING);
  const [look, beginAnew] = useCodeLook(wanted, setLooked, onTake);
  useEffect(() => () => decoder.close(), [decoder]);
  const tell = (problem: string | undefined) => setLooked(({ gathered }) => ({ gathered, problem }));
  const again = () => {
    beginAnew();
    setLooked(NOTHING);
  };
  const { gathered, problem, choices } = looked;
  if (choices !== undefined) return <ChoicePart choices={choices} onChoose={onTake} onAgain={again} />;
  return (
    <>
      <p className={formClasses.note}>{texts.wants(wanted.what)}</p>
      <CameraView decoder={decoder} onContent={look} onFailure={(error) => tell(problemOf(error))} />
      {gathered !== undefined && <PartsProgress gathered={gathered} />}
      {problem !== undefined && (
        <Notice
          tone="bad"
          role="alert"
          actions={
            looked.isForeign && (
              <Button size="xs" variant="default" onClick={again}>
                {texts.parts.beginAnew}
              </Button>
            )
          }
        >
          {problem}
        </Notice>
      )}
      <PicturePart decoder={decoder} onContent={look} onProblem={tell} />
    </>
  );
}

/** Looks at codes, tells what came of each, and hands on the first that fits. */
function useCodeLook(
  wanted: Wanted,
  onLooked: (looked: Looked) => void,
  onTake: (value: string) => void,
): readonly [look: (content: CodeContent) => void, beginAnew: () => void] {
  const [codes] = useState(
    () =>
      new CodeLook({
        newPartReader: async () => new (await import("../parts/part-reader.ts")).PartReader(),
        nowMs: () => performance.now(),
      }),
  );
  const [shown] = useState(() => ({ isOver: false }));
  useEffect(() => {
    shown.isOver = false;
    return () => {
      shown.isOver = true;
    };
  }, [shown]);
  const look = (content: CodeContent) =>
    void codes.look(content, wanted).then(
      (looked) => {
        if (shown.isOver) return;
        onLooked(looked);
        if (looked.value === undefined) return;
        shown.isOver = true;
        onTake(looked.value);
      },
      () => shown.isOver || onLooked({ problem: texts.parts.notLoaded }),
    );
  return [look, () => codes.beginAnew()];
}
