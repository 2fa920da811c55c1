import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { RestoreForm } from "./restore-form.tsx";
import { backupTexts as texts } from "./texts.ts";
import { useReplacement } from "./use-replacement.ts";

/** Asks for a backup that is to take the place of what is here. */
export function ReplaceButton({ label }: { readonly label: string }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const replace = useReplacement();
  return (
    <>
      <Button variant="default" onClick={() => setIsOpen(true)}>
        {label}
      </Button>
      <Dialog isOpen={isOpen} onClose={() => setIsOpen(false)} title={texts.replaceTitle}>
        <p className={formClasses.note}>{texts.replaceAbout}</p>
        <RestoreForm onRestore={replace} />
      </Dialog>
    </>
  );
}
