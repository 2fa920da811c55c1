import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { type ReactElement, useEffect, useState } from "react";
import { Notice } from "../../notice.tsx";
import { useSession } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { WordList } from "../../words/word-list.tsx";
import { texts as allTexts } from "./texts.ts";
import type { Setup } from "./use-setup.ts";

const texts = allTexts.words;
type WordCount = "12" | "24";

/** A new phrase, shown when asked for. It is in the page's memory alone until it was checked. */
export function WordsStep({ setup }: { readonly setup: Setup }): ReactElement {
  const session = useSession();
  const { phrase } = setup.draft;
  const { change } = setup;
  const [isShown, setIsShown] = useState(false);
  const words = phrase?.split(" ") ?? [];
  const count: WordCount = words.length === 24 ? "24" : "12";
  useEffect(() => {
    if (phrase === undefined) change({ phrase: session.newPhrase(12) });
  }, [phrase, change, session]);
  return (
    <StepPage title={texts.title} about={texts.about} onBack={setup.back} isFurther>
      <Card>
        <div className={formClasses.form}>
          <Choice
            label={texts.count}
            hasLabel
            options={[
              { value: "12", title: texts.counts[12] },
              { value: "24", title: texts.counts[24] },
            ]}
            value={count}
            onChoose={(chosen) => {
              if (chosen !== count) setup.change({ phrase: session.newPhrase(chosen === "12" ? 12 : 24) });
            }}
          />
          <Notice tone="warn" title={texts.careTitle}>
            {texts.care}
          </Notice>
          <WordList words={words} isShown={isShown} onShow={() => setIsShown(true)} />
          <div className={formClasses.buttons}>
            <Button disabled={!isShown} onClick={() => setup.go("check")}>
              {texts.go}
            </Button>
          </div>
        </div>
      </Card>
    </StepPage>
  );
}
