import formClasses from "@bitfleet/ui/form.module.css";
import { DownloadIcon } from "@bitfleet/ui/icons.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { sharedDeviceFile } from "@bitfleet/wallet/self-custody/device-file.ts";
import { sharedDescriptor } from "@bitfleet/wallet/self-custody/shared-wallet.ts";
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
  /** What the wallet watches, where that is another one than a wallet made here would. */
  readonly descriptor?: string | undefined;
}

/** The descriptor of a shared wallet for its signers, and why it must be kept. */
export function DescriptorPart({ name, shared, descriptor }: DescriptorPartProps): ReactElement {
  const { required, cosigners } = shared;
  const part = fileNamePart(name);
  const save = () => saveFile(texts.deviceFileName(part), sharedDeviceFile(name, shared), "text/plain");
  return (
    <>
      <Notice tone="warn" title={texts.keepTitle}>
        {texts.keep}
      </Notice>
      <HandOut
        text={descriptor ?? sharedDescriptor(required, cosigners)}
        what={texts.what}
        qrLabel={texts.qrLabel}
        fileName={texts.fileName(part)}
      >
        <Button size="xs" variant="default" leftSection={<DownloadIcon />} onClick={save}>
          {texts.device}
        </Button>
      </HandOut>
      <p className={formClasses.note}>{texts.deviceHint}</p>
    </>
  );
}
