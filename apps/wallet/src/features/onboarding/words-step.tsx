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
const COUNTS = [12, 24] as const;

/** A new phrase, shown when asked for. It is in the page's memory alone until it was checked. */
export function WordsStep({ setup }: { readonly setup: Setup }): ReactElement {
  const session = useSession();
  const { phrases, wordCount } = setup.draft;
  const phrase = phrases[wordCount];
  const { change } = setup;
  const [isShown, setIsShown] = useState(false);
  const words = phrase?.split(" ") ?? Array.from({ length: wordCount }, () => "");
  useEffect(() => {
    if (phrase === undefined) change({ phrases: { ...phrases, [wordCount]: session.newPhrase(wordCount) } });
  }, [phrase, phrases, wordCount, change, session]);
  return (
    <StepPage title={texts.title} about={texts.about} onBack={setup.back} isFurther>
      <Card>
        <div className={formClasses.form}>
          <Choice
            label={texts.count}
            hasLabel
            options={COUNTS.map((count) => ({ value: `${count}` as const, title: texts.counts[count] }))}
            value={`${wordCount}` as const}
            onChoose={(chosen) => change({ wordCount: chosen === "24" ? 24 : 12 })}
          />
          <Notice tone="warn" title={texts.careTitle}>
            {texts.care}
          </Notice>
          <WordList words={words} isShown={isShown} onShow={() => setIsShown(true)} />
          <p className={formClasses.note}>{texts.eachTime}</p>
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
