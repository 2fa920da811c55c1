import formClasses from "@bitfleet/ui/form.module.css";
import { DownloadIcon } from "@bitfleet/ui/icons.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { sharedDeviceFile } from "@bitfleet/wallet/self-custody/device-file.ts";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { Notice } from "../notice.tsx";
import type { SharedSummary } from "../session/records.ts";
import { fileNamePart } from "./cosigner-name.ts";
import { HandOut } from "./hand-out.tsx";
import { sharedTexts } from "./texts.ts";

const texts = sharedTexts.descriptor;

interface DescriptorPartProps {
  /** Of the wallet. */
  readonly name: string;
  readonly shared: SharedSummary;
}

/** The descriptor of a shared wallet for its signers, and why it must be kept. */
export function DescriptorPart({ name, shared }: DescriptorPartProps): ReactElement {
  const part = fileNamePart(name);
  const save = () => saveFile(texts.deviceFileName(part), sharedDeviceFile(name, shared), "text/plain");
  return (
    <>
      <Notice tone="warn" title={texts.keepTitle}>
        {texts.keep}
      </Notice>
      <HandOut text={shared.descriptor} what={texts.what} qrLabel={texts.qrLabel} fileName={texts.fileName(part)}>
        {shared.isUsual && (
          <Button size="xs" variant="default" leftSection={<DownloadIcon />} onClick={save}>
            {texts.device}
          </Button>
        )}
      </HandOut>
      {shared.isUsual && <p className={formClasses.note}>{texts.deviceHint}</p>}
    </>
  );
}
