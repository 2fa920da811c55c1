import { Card } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { ReplaceButton } from "../../backup/replace-button.tsx";
import { backupTexts } from "../../backup/texts.ts";
import { Notice } from "../../notice.tsx";
import { StepPage } from "../../step-page.tsx";
import { SalvageForm } from "./salvage-form.tsx";
import { texts as allTexts } from "./texts.ts";
import { useRemoval } from "./use-removal.ts";

const texts = allTexts.damaged;

/** For a vault that cannot be read: what is wrong with it, and the ways out. */
export function DamagedScreen({ problem }: { readonly problem: string }): ReactElement {
  const remove = useRemoval();
  return (
    <StepPage title={texts.title} about={texts.about}>
      <Notice tone="bad" role="alert">
        {problem}
      </Notice>
      <SalvageForm />
      <Card title={texts.waysOut}>
        <div className={formClasses.form}>
          <div className={formClasses.buttons}>
            <ReplaceButton label={backupTexts.inItsPlace} />
            <Button variant="default" onClick={() => void remove()}>
              {texts.phrase}
            </Button>
            <Button variant="default" onClick={() => location.reload()}>
              {texts.retry}
            </Button>
          </div>
        </div>
      </Card>
    </StepPage>
  );
}
