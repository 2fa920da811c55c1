import { Card } from "@bitfleet/ui/card.tsx";
import { copyText } from "@bitfleet/ui/copy-text.ts";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import { CopyIcon, DownloadIcon, QrIcon } from "@bitfleet/ui/icons.tsx";
import { QrCode } from "@bitfleet/ui/qr-code.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import classes from "./psbt.module.css";
import { bytesOfPsbt } from "./psbt-text.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.export;

/** Characters that a code of a size which cameras read from a screen has room for. */
const QR_LENGTH_MAX = 1_500;
const QR_SIZE = 300;
/** Characters of the PSBT's end that name its file: two of one payment differ. */
const NAME_COUNT = 6;

/** Hands the PSBT to whoever signs next: as a file, as text, as a QR code where it fits. */
export function PassOnCard({ psbt }: { readonly psbt: string }): ReactElement {
  const [isQrShown, setIsQrShown] = useState(false);
  const fits = psbt.length <= QR_LENGTH_MAX;
  const name = texts.fileName(psbt.replace(/[^A-Za-z0-9]/g, "").slice(-NAME_COUNT));
  const copy = async () => {
    if (await copyText(psbt)) toast.good(texts.copied);
    else toast.bad(texts.notCopied, { text: texts.select });
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
        {fits && (
          <Button
            variant="default"
            leftSection={<QrIcon />}
            aria-pressed={isQrShown}
            onClick={() => setIsQrShown(!isQrShown)}
          >
            {isQrShown ? texts.qrHide : texts.qr}
          </Button>
        )}
      </div>
      {fits ? (
        isQrShown && (
          <div className={classes.code}>
            <QrCode text={psbt} label={texts.qrLabel} size={QR_SIZE} />
          </div>
        )
      ) : (
        <p className={formClasses.note}>{texts.qrTooLong(formatCount(psbt.length))}</p>
      )}
      <details className={classes.text}>
        <summary>{texts.psbt}</summary>
        <code data-testid="psbt">{psbt}</code>
      </details>
    </Card>
  );
}
