import { Card } from "@bitfleet/ui/card.tsx";
import { copyText } from "@bitfleet/ui/copy-text.ts";
import formClasses from "@bitfleet/ui/form.module.css";
import { CopyIcon, DownloadIcon, QrIcon } from "@bitfleet/ui/icons.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import classes from "./psbt.module.css";
import type { PsbtCodes } from "./psbt-codes.tsx";
import { bytesOfPsbt } from "./psbt-text.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.export;

/** Characters of the PSBT's end that name its file: two of one payment differ. */
const NAME_COUNT = 6;

/** Hands the PSBT to whoever signs next: as a file, as text, as QR codes. */
export function PassOnCard({ psbt }: { readonly psbt: string }): ReactElement {
  /** What shows codes, once it was asked for. */
  const [loaded, setLoaded] = useState<{ readonly Codes: typeof PsbtCodes }>();
  const [areCodesShown, setAreCodesShown] = useState(false);
  const name = texts.fileName(psbt.replace(/[^A-Za-z0-9]/g, "").slice(-NAME_COUNT));
  const copy = async () => {
    if (await copyText(psbt)) toast.good(texts.copied);
    else toast.bad(texts.notCopied, { text: texts.select });
  };
  const showCodes = async () => {
    try {
      if (loaded === undefined) setLoaded({ Codes: (await import("./psbt-codes.tsx")).PsbtCodes });
      setAreCodesShown(!areCodesShown);
    } catch (error) {
      toast.failure(texts.qrNotLoaded, error);
    }
  };
  return (
    <Card title={texts.title}>
      <div className={formClasses.buttons}>
        <Button
          variant="default"
          leftSection={<DownloadIcon />}
          onClick={() => saveFile(name, bytesOfPsbt(psbt), "application/octet-stream")}
        >
          {texts.save}
        </Button>
        <Button variant="default" leftSection={<CopyIcon />} onClick={() => void copy()}>
          {texts.copy}
        </Button>
        <Button
          variant="default"
          leftSection={<QrIcon />}
          aria-pressed={areCodesShown}
          onClick={() => void showCodes()}
        >
          {areCodesShown ? texts.qrHide : texts.qr}
        </Button>
      </div>
      {areCodesShown && loaded !== undefined && <loaded.Codes key={psbt} psbt={psbt} />}
      <details className={classes.text}>
        <summary>{texts.psbt}</summary>
        <code data-testid="psbt">{psbt}</code>
      </details>
    </Card>
  );
}
