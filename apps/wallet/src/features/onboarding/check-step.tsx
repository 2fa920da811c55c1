import { Card } from "@bitfleet/ui/card.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../../notice.tsx";
import { useSession } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { TaskEnd } from "../../task-end.tsx";
import { useTask } from "../../use-task.ts";
import { askedPlaces } from "./asked-places.ts";
import { texts as allTexts } from "./texts.ts";
import { type Setup, useChosenNetwork, useSuggestedName } from "./use-setup.ts";

const texts = allTexts.check;

export function CheckStep({ setup }: { readonly setup: Setup }): ReactElement {
  const { phrases, wordCount } = setup.draft;
  const phrase = phrases[wordCount];
  // The page was loaded anew, or Back led here from the wallet.
  if (phrase === undefined) {
    return (
      <StepPage title={texts.title} isFurther>
        <Notice
          tone="warn"
          actions={<Button onClick={() => setup.go("words", { replaces: true })}>{texts.anew}</Button>}
        >
          {texts.gone}
        </Notice>
      </StepPage>
    );
  }
  return <Check setup={setup} phrase={phrase} />;
}

function Check({ setup, phrase }: { readonly setup: Setup; readonly phrase: string }): ReactElement {
  const session = useSession();
  const network = useChosenNetwork(setup.draft);
  const suggested = useSuggestedName();
  const words = phrase.split(" ");
  const [places] = useState(() => askedPlaces(words.length, cryptoRandom));
  const [entered, setEntered] = useState<Readonly<Record<number, string>>>({});
  const [name, setName] = useState(suggested);
  const [isTried, setIsTried] = useState(false);
  const task = useTask();
  const wordAt = (place: number) => (entered[place] ?? "").trim().toLowerCase();
  const problemAt = (place: number) => {
    if (!isTried || wordAt(place) === words[place]) return undefined;
    return wordAt(place) === "" ? texts.missing : texts.wrong;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (network === undefined || places.some((place) => wordAt(place) !== words[place])) return;
    void task.run(async () => {
      await session.addPhraseWallet({
        name: name.trim() || suggested,
        networkId: network.id,
        phrase,
        phrasePassphrase: "",
        scans: false,
      });
      setup.finish();
    });
  };
  return (
    <StepPage title={texts.title} about={texts.about} onBack={setup.back} isFurther>
      <Card>
        <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.title}>
          {places.map((place) => (
            <Field
              key={place}
              label={texts.word(place + 1)}
              value={entered[place] ?? ""}
              problem={problemAt(place)}
              autoCapitalize="none"
              autoCorrect="off"
              onChange={(event) => {
                setIsTried(false);
                setEntered({ ...entered, [place]: event.target.value });
              }}
            />
          ))}
          <Field
            label={texts.name}
            hint={texts.nameHint}
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

function cryptoRandom(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}
