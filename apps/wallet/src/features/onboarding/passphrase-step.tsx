import { Card } from "@bitfleet/ui/card.tsx";
import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import formClasses from "@bitfleet/ui/form.module.css";
import { NewPassphrase } from "@bitfleet/ui/passphrase/new-passphrase.tsx";
import { PASSPHRASE_LENGTH_MIN } from "@bitfleet/vault/vault.ts";
import { type FormEvent, type ReactElement, useState } from "react";
import { useSession } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { TaskEnd } from "../../task-end.tsx";
import { useTask } from "../../use-task.ts";
import { Progress } from "./progress.tsx";
import { texts as allTexts } from "./texts.ts";
import type { Setup } from "./use-setup.ts";

const texts = allTexts.passphrase;

export function PassphraseStep({ setup }: { readonly setup: Setup }): ReactElement {
  const session = useSession();
  const [chosen, setChosen] = useState({ value: "", isReady: false });
  const [isTried, setIsTried] = useState(false);
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (!chosen.isReady) return;
    void task.run(async () => {
      await session.create(chosen.value);
      setup.go("network", { replaces: true });
    });
  };
  return (
    <StepPage
      title={texts.title}
      about={desktopSession() === undefined ? texts.about : `${texts.about} ${texts.shared}`}
      onBack={setup.back}
    >
      <Progress at="passphrase" />
      <Card>
        <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.title}>
          <NewPassphrase
            lengthMin={PASSPHRASE_LENGTH_MIN}
            value={chosen.value}
            isTried={isTried}
            isFirst
            onChange={(value, isReady) => {
              setChosen({ value, isReady });
              task.clear();
            }}
          />
          <TaskEnd task={task} go={texts.go} />
        </form>
      </Card>
    </StepPage>
  );
}
