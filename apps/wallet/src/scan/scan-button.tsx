import { ScanIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { createPortal } from "react-dom";
import { onlyLast } from "./only-last.ts";
import type { ScanDialog } from "./scan-dialog.tsx";
import { texts } from "./texts.ts";
import type { Wanted } from "./wanted.ts";

interface ScanButtonProps {
  readonly wanted: Wanted;
  /** Has what was read and fits. */
  readonly onTake: (value: string) => void;
}

/** Two dialogs over each other would both want the camera. */
const loadDialog = onlyLast(() => import("./scan-dialog.tsx"));

/** Beside a field that a QR code can fill in. What reads it is loaded when it is pressed. */
export function ScanButton({ wanted, onTake }: ScanButtonProps): ReactElement {
  const [dialog, setDialog] = useState<{ readonly Dialog: typeof ScanDialog }>();
  const [isOpen, setIsOpen] = useState(false);
  const open = async () => {
    try {
      const loaded = await loadDialog();
      if (loaded === undefined) return;
      setDialog({ Dialog: loaded.ScanDialog });
      setIsOpen(true);
    } catch (error) {
      toast.failure(texts.notLoaded, error);
    }
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<ScanIcon />}
        aria-label={texts.title}
        title={texts.title}
        onClick={() => void open()}
      >
        {texts.button}
      </Button>
      {dialog !== undefined &&
        // Outside of the form that the button stands in.
        createPortal(
          <dialog.Dialog
            isOpen={isOpen}
            wanted={wanted}
            onClose={() => setIsOpen(false)}
            onTake={(value) => {
              setIsOpen(false);
              toast.good(texts.read);
              onTake(value);
            }}
          />,
          document.body,
        )}
    </>
  );
}
