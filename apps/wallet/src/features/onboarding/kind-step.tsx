import { EyeIcon, PeopleIcon, PlusIcon, RefreshIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { chainName } from "../../networks/texts.ts";
import { useOpenState } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { ChoiceButton } from "./choice-button.tsx";
import classes from "./onboarding.module.css";
import { Progress } from "./progress.tsx";
import { texts as allTexts } from "./texts.ts";
import { type Setup, useChosenNetwork } from "./use-setup.ts";

const texts = allTexts.kind;

export function KindStep({ setup }: { readonly setup: Setup }): ReactElement {
  const { wallets } = useOpenState();
  const network = useChosenNetwork(setup.draft);
  return (
    <StepPage title={texts.title} isFurther>
      {wallets.length === 0 && <Progress at="wallet" />}
      <div className={classes.bar}>
        <p>{network !== undefined && texts.on(network.name, chainName(network.chain))}</p>
        <Button size="xs" variant="default" onClick={() => setup.go("network")}>
          {texts.change}
        </Button>
      </div>
      <ul className={classes.choices}>
        <li>
          <ChoiceButton
            icon={<PlusIcon size={18} />}
            title={texts.words}
            about={texts.wordsAbout}
            onChoose={() => setup.go("words")}
          />
        </li>
        <li>
          <ChoiceButton
            icon={<RefreshIcon size={18} />}
            title={texts.restore}
            about={texts.restoreAbout}
            onChoose={() => setup.go("restore")}
          />
        </li>
        <li>
          <ChoiceButton
            icon={<EyeIcon size={18} />}
            title={texts.watch}
            about={texts.watchAbout}
            onChoose={() => setup.go("watch")}
          />
        </li>
        <li>
          <ChoiceButton
            icon={<PeopleIcon size={18} />}
            title={texts.share}
            about={texts.shareAbout}
            onChoose={() => setup.go("share")}
          />
        </li>
      </ul>
      {wallets.length > 0 && (
        <p className={classes.hint}>
          <Link to="/">{allTexts.leave}</Link>
        </p>
      )}
    </StepPage>
  );
}
