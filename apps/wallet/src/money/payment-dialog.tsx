import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { type ReactElement, useState } from "react";
import type { PreparedPayment } from "../session/account.ts";
import { PaymentPreview, type PaymentPreviewProps } from "./payment-preview.tsx";

interface PaymentDialogProps extends Omit<PaymentPreviewProps, "prepared" | "onBack" | "onBusy"> {
  readonly title: string;
  /** What is looked at; closed while there is none. */
  readonly prepared: PreparedPayment | undefined;
  readonly onClose: () => void;
}

/** A payment's preview above the page. It stays while the payment is on its way: closed, the page below would make the same one again. */
export function PaymentDialog({ title, prepared, onClose, ...preview }: PaymentDialogProps): ReactElement {
  const [isBusy, setIsBusy] = useState(false);
  return (
    <Dialog isOpen={prepared !== undefined} onClose={() => !isBusy && onClose()} title={title} isModalOnly isPatient>
      {prepared !== undefined && (
        <PaymentPreview {...preview} prepared={prepared} onBack={onClose} onBusy={setIsBusy} />
      )}
    </Dialog>
  );
}
