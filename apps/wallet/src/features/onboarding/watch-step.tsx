import { Card } from "@bitfleet/ui/card.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { holdsPrivateKey } from "@bitfleet/wallet/self-custody/watched-text.ts";
import { type FormEvent, type ReactElement, useId, useState } from "react";
import { GapLimitPart, useGapLimitWish } from "../../gap/gap-limit-part.tsx";
import { Notice } from "../../notice.tsx";
import { ScanButton } from "../../scan/scan-button.tsx";
import { watchedWanted } from "../../scan/wanted.ts";
import type { WatchedFacts } from "../../session/session.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { TextFileButton } from "../../shared/text-file-button.tsx";
import { StepPage } from "../../step-page.tsx";
import { TaskEnd } from "../../task-end.tsx";
import { useTask } from "../../use-task.ts";
import classes from "./onboarding.module.css";
import { texts as allTexts } from "./texts.ts";
import { type Setup, useChosenNetwork } from "./use-setup.ts";

const texts = allTexts.watch;

export function WatchStep({ setup }: { readonly setup: Setup }): ReactElement {
  const session = useSession();
  const { wallets } = useOpenState();
  const network = useChosenNetwork(setup.draft);
  const suggested = wallets.length === 0 ? allTexts.names.watch : allTexts.names.next(wallets.length + 1);
  const [text, setText] = useState("");
  /** Of a private key that was entered, which is shown no more. */
  const [refusal, setRefusal] = useState<string>();
  const [name, setName] = useState(suggested);
  const [isTried, setIsTried] = useState(false);
  const gapWish = useGapLimitWish();
  const task = useTask();
  const id = useId();
  const read = network === undefined || text.trim() === "" ? undefined : session.readWatched(text.trim(), network.id);
  const facts = read !== undefined && !("error" in read) ? read : undefined;
  const problem =
    read !== undefined && "error" in read
      ? read.error
      : (refusal ?? (isTried && read === undefined ? texts.missing : undefined));
  const enter = (entered: string) => {
    const found = network && holdsPrivateKey(entered) ? session.readWatched(entered.trim(), network.id) : undefined;
    setRefusal(found !== undefined && "error" in found ? found.error : undefined);
    setText(found === undefined ? entered : "");
    setIsTried(false);
    task.clear();
  };
  const wanted = watchedWanted(network?.chain ?? "", (scanned) => {
    const watched = network && session.readWatched(scanned, network.id);
    return watched !== undefined && "error" in watched ? watched.error : undefined;
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    const gap = facts?.kind === "address" ? {} : gapWish.read();
    if (facts === undefined || network === undefined || gap === undefined) return;
    void task.run(async () => {
      await session.addWatchWallet({
        name: name.trim() || suggested,
        networkId: network.id,
        text: text.trim(),
        ...gap,
      });
      setup.finish();
    });
  };
  return (
    <StepPage title={texts.title} about={texts.about} onBack={setup.back} isFurther>
      <Card>
        <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.title}>
          <div className={classes.area}>
            <label htmlFor={id}>{texts.text}</label>
            <textarea
              id={id}
              rows={4}
              value={text}
              spellCheck={false}
              autoCapitalize="none"
              autoComplete="off"
              aria-invalid={problem !== undefined}
              aria-describedby={`${id}-problem`}
              onChange={(event) => enter(event.target.value)}
            />
            <span id={`${id}-problem`} className={formClasses.problem} role="status">
              {problem}
            </span>
            <div className={formClasses.buttons}>
              <ScanButton wanted={wanted} onTake={enter} />
              <TextFileButton label={texts.file} onText={enter} onProblem={(problem) => toast.bad(problem)} />
            </div>
          </div>
          {facts !== undefined && <Watched facts={facts} />}
          {facts !== undefined && facts.kind !== "address" && <GapLimitPart wish={gapWish} />}
          <Field
            label={allTexts.check.name}
            hint={allTexts.check.nameHint}
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <TaskEnd task={task} go={texts.go} />
        </form>
      </Card>
    </StepPage>
  );
}

/** What it would watch, to be compared before it does. */
function Watched({ facts }: { readonly facts: WatchedFacts }): ReactElement {
  return (
    <Notice tone="good" title={`${texts.kinds[facts.kind]}.`} role="status">
      {facts.firstAddress === undefined ? (
        texts.noAddress
      ) : (
        <>
          {texts.compare}{" "}
          <span className={classes.address} data-testid="first-address">
            {facts.firstAddress}
          </span>
        </>
      )}
    </Notice>
  );
}
