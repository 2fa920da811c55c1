import { copyText } from "@bitfleet/ui/copy-text.ts";
import formClasses from "@bitfleet/ui/form.module.css";
import { CopyIcon, DownloadIcon, QrIcon } from "@bitfleet/ui/icons.tsx";
import { QrCode } from "@bitfleet/ui/qr-code.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, type ReactNode, useState } from "react";
import classes from "./shared.module.css";
import { sharedTexts } from "./texts.ts";

const texts = sharedTexts.handOut;

/** Characters of a code that cameras read from a phone's screen: those of three keys of a shared wallet. */
const QR_LENGTH_MAX = 700;
const QR_SIZE = 320;

interface HandOutProps {
  readonly text: string;
  /** "key" */
  readonly what: string;
  readonly qrLabel: string;
  readonly fileName: string;
  /** Further buttons. */
  readonly children?: ReactNode;
}

/** Something public to be given to others: shown, copied, saved, as a QR code where it fits one. */
export function HandOut({ text, what, qrLabel, fileName, children }: HandOutProps): ReactElement {
  const [isQrShown, setIsQrShown] = useState(false);
  const fits = text.length <= QR_LENGTH_MAX;
  const copy = async () => {
    if (await copyText(text)) toast.good(texts.copied(what));
    else toast.bad(texts.notCopied, { text: texts.select });
  };
  return (
    <div className={classes.handOut}>
      <pre className={classes.code} data-testid={`handed-out-${what}`}>
        {text}
      </pre>
      <div className={formClasses.buttons}>
        <Button size="xs" variant="default" leftSection={<CopyIcon />} onClick={() => void copy()}>
          {texts.copy}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<DownloadIcon />}
          onClick={() => saveFile(fileName, `${text}\n`, "text/plain")}
        >
          {texts.save}
        </Button>
        {fits && (
          <Button
            size="xs"
            variant="default"
            leftSection={<QrIcon />}
            aria-expanded={isQrShown}
            onClick={() => setIsQrShown(!isQrShown)}
          >
            {isQrShown ? texts.qrHide : texts.qr}
          </Button>
        )}
        {children}
      </div>
      {!fits && <p className={formClasses.note}>{texts.tooLong}</p>}
      {fits && isQrShown && (
        <div className={classes.qr}>
          <QrCode text={text} label={qrLabel} size={QR_SIZE} />
        </div>
      )}
    </div>
  );
}
