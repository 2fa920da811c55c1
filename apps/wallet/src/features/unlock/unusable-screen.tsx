import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { Notice } from "../../notice.tsx";
import type { UnusableReason } from "../../session/session.ts";
import { useSession } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { useTask } from "../../use-task.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.unusable;

interface UnusableScreenProps {
  readonly reason: UnusableReason;
  readonly problem: string;
}

/** For a vault that cannot be had here or now, though nothing is known to be wrong with it: nothing is offered that removes it. */
export function UnusableScreen({ reason, problem }: UnusableScreenProps): ReactElement {
  const session = useSession();
  const task = useTask();
  return (
    <StepPage title={texts.titles[reason]} about={texts.about}>
      <Notice
        tone="bad"
        role="alert"
        actions={
          <Button variant="default" loading={task.isBusy} onClick={() => void task.run(() => session.lookAgain())}>
            {texts.retry}
          </Button>
        }
      >
        {problem}
      </Notice>
    </StepPage>
  );
}
