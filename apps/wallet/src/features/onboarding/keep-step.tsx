import { Card } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useOpenState } from "../../session-provider.tsx";
import { DescriptorPart } from "../../shared/descriptor-part.tsx";
import { StepPage } from "../../step-page.tsx";
import { texts as allTexts } from "./texts.ts";
import type { Setup } from "./use-setup.ts";

const texts = allTexts.keep;

/** Behind the making of a shared wallet: what must be kept, since words alone do not find it again. */
export function KeepStep({ setup }: { readonly setup: Setup }): ReactElement {
  const wallet = useOpenState().account?.wallet;
  return (
    <StepPage title={texts.title} about={texts.about} isFurther>
      <Card title={wallet?.name ?? ""}>
        <div className={formClasses.form}>
          {wallet?.shared === undefined ? (
            <p className={formClasses.note}>{texts.none}</p>
          ) : (
            <DescriptorPart name={wallet.name} shared={wallet.shared} />
          )}
          <div className={formClasses.buttons}>
            <Button onClick={setup.finish}>{texts.go}</Button>
          </div>
        </div>
      </Card>
    </StepPage>
  );
}
