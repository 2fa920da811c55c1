import { Card } from "@bitfleet/ui/card.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { mnemonicFaultText, parseMnemonic } from "@bitfleet/wallet/keys/mnemonic.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useRef, useState } from "react";
import { GapLimitPart, useGapLimitWish } from "../../gap/gap-limit-part.tsx";
import { Notice } from "../../notice.tsx";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { useTask } from "../../use-task.ts";
import { pasteAt, WORD_COUNTS, type WordCount, wordsIn } from "./entered-words.ts";
import classes from "./onboarding.module.css";
import { texts as allTexts } from "./texts.ts";
import { type Setup, useChosenNetwork, useSuggestedName } from "./use-setup.ts";
import { WordField } from "./word-field.tsx";

const texts = allTexts.restore;

export function RestoreStep({ setup }: { readonly setup: Setup }): ReactElement {
  const session = useSession();
  const network = useChosenNetwork(setup.draft);
  const suggested = useSuggestedName();
  const [fields, setFields] = useState<readonly string[]>(() => Array.from({ length: 12 }, () => ""));
  const [pasted, setPasted] = useState(0);
  const [hasPassphrase, setHasPassphrase] = useState(false);
  const [phrasePassphrase, setPhrasePassphrase] = useState("");
  const [name, setName] = useState(suggested);
  const [problem, setProblem] = useState<string>();
  const gapWish = useGapLimitWish();
  const inputs = useRef<(HTMLInputElement | null)[]>([]);
  const task = useTask();

  const changed = () => {
    setProblem(undefined);
    task.clear();
  };
  const setCount = (count: WordCount) => {
    changed();
    setFields(Array.from({ length: count }, (_, index) => fields[index] ?? ""));
  };
  const paste = (at: number, text: string) => {
    const words = wordsIn(text);
    if (words.length < 2) return false;
    changed();
    const next = pasteAt(fields, at, words).fields;
    setFields(next);
    setPasted(words.length);
    return true;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (network === undefined) return;
    const missing = fields.filter((word) => word.trim() === "").length;
    if (missing > 0) {
      inputs.current[fields.findIndex((word) => word.trim() === "")]?.focus();
      return setProblem(texts.missing(missing));
    }
    const parsed = parseMnemonic(fields.join(" "));
    if ("fault" in parsed) {
      if (parsed.fault.kind === "unknown-word") inputs.current[parsed.fault.place - 1]?.focus();
      return setProblem(mnemonicFaultText(parsed.fault));
    }
    const gap = gapWish.read();
    if (gap === undefined) return;
    void task.run(async () => {
      await session.addPhraseWallet({
        name: name.trim() || suggested,
        networkId: network.id,
        phrase: parsed.mnemonic,
        phrasePassphrase: hasPassphrase ? phrasePassphrase : "",
        scans: true,
        ...gap,
      });
      setup.finish();
    });
  };
  return (
    <StepPage title={texts.title} about={texts.about} onBack={setup.back} isFurther>
      <Card>
        <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.title}>
          <div className={formClasses.select}>
            <label htmlFor="word-count">{texts.count}</label>
            <select
              id="word-count"
              value={fields.length}
              onChange={(event) => setCount(Number(event.target.value) as WordCount)}
            >
              {WORD_COUNTS.map((count) => (
                <option key={count} value={count}>
                  {count}
                </option>
              ))}
            </select>
          </div>
          <div className={classes.fields}>
            {fields.map((word, index) => (
              <WordField
                // biome-ignore lint/suspicious/noArrayIndexKey: a field is its place
                key={index}
                place={index + 1}
                value={word}
                inputRef={(element) => {
                  inputs.current[index] = element;
                }}
                onChange={(value) => {
                  changed();
                  setFields(fields.map((one, at) => (at === index ? value : one)));
                }}
                onDone={() => inputs.current[index + 1]?.focus()}
                onPaste={(text) => paste(index, text)}
              />
            ))}
          </div>
          <p className={classes.hint} role="status">
            {pasted > 0 && texts.pasted(pasted)}
          </p>
          <label className={formClasses.check}>
            <input
              type="checkbox"
              checked={hasPassphrase}
              onChange={(event) => setHasPassphrase(event.target.checked)}
            />
            {texts.hasPassphrase}
          </label>
          {hasPassphrase && (
            <PassphraseField
              label={texts.passphrase}
              hint={texts.passphraseHint}
              autoComplete="off"
              value={phrasePassphrase}
              onChange={setPhrasePassphrase}
            />
          )}
          <GapLimitPart wish={gapWish} />
          <Field
            label={allTexts.check.name}
            hint={allTexts.check.nameHint}
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          {(problem ?? task.problem) !== undefined && (
            <Notice tone="bad" role="alert">
              {problem ?? task.problem}
            </Notice>
          )}
          <ScanProgress isBusy={task.isBusy} />
          <div className={formClasses.buttons}>
            <Button type="submit" loading={task.isBusy}>
              {texts.go}
            </Button>
          </div>
        </form>
      </Card>
    </StepPage>
  );
}

/** How far looking through the addresses has come, while the wallet is added. */
function ScanProgress({ isBusy }: { readonly isBusy: boolean }): ReactElement | null {
  const { connection } = useOpenState();
  if (!isBusy || connection.kind !== "scanning") return null;
  const { looked, found } = connection;
  return (
    <Notice tone="plain" title={texts.lookingTitle} role="status">
      {texts.looking(formatCount(looked), formatCount(found))}
    </Notice>
  );
}
