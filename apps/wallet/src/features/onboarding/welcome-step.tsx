import formClasses from "@bitfleet/ui/form.module.css";
import { KeyIcon, NetworkIcon, PenIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { StepPage } from "../../step-page.tsx";
import classes from "./onboarding.module.css";
import { texts as allTexts } from "./texts.ts";
import type { Setup } from "./use-setup.ts";

const texts = allTexts.welcome;

export function WelcomeStep({ setup }: { readonly setup: Setup }): ReactElement {
  return (
    <StepPage title={texts.title} about={texts.about}>
      <ul className={classes.points}>
        <li>
          <span>
            <KeyIcon size={18} />
          </span>
          {texts.points.keys}
        </li>
        <li>
          <span>
            <PenIcon size={18} />
          </span>
          {texts.points.paper}
        </li>
        <li>
          <span>
            <NetworkIcon size={18} />
          </span>
          {texts.points.server}
        </li>
      </ul>
      <div className={formClasses.buttons}>
        <Button size="md" onClick={() => setup.go("passphrase")}>
          {texts.begin}
        </Button>
        <Button size="md" variant="default" onClick={() => setup.go("backup")}>
          {texts.backup}
        </Button>
      </div>
    </StepPage>
  );
}
