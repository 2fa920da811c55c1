import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../notice.tsx";
import type { NetworkFacts, NetworkPlace } from "../session/session.ts";
import { useSession } from "../session-provider.tsx";
import { useTask } from "../use-task.ts";
import { NetworkFactsList } from "./network-facts.tsx";
import { readServerUrl } from "./server-url.ts";
import { chainName, networkTexts as texts } from "./texts.ts";

/** The page's own address, which means the server that it came from; the process behind a window of the desktop is none. */
const PAGE_URL = desktopSession() === undefined ? location.href : "http://window.invalid/";

interface PlaceFormProps {
  /** What is there already, where a network is changed. */
  readonly before?: (NetworkPlace & { readonly name: string; readonly chain: string }) | undefined;
  readonly useLabel: string;
  readonly isFirst?: boolean;
  /** There is something else that one would rather press. */
  readonly isSecond?: boolean;
  /** What was tried and is wanted. */
  readonly onUse: (place: NetworkPlace & { readonly name: string }, facts: NetworkFacts) => Promise<void>;
}

interface Found {
  readonly place: NetworkPlace;
  readonly facts: NetworkFacts;
}

/** Asks for a server, looks what answers there, and only then lets it be used. */
export function PlaceForm({
  before,
  useLabel,
  isFirst = false,
  isSecond = false,
  onUse,
}: PlaceFormProps): ReactElement {
  const session = useSession();
  const [url, setUrl] = useState(before === undefined ? "" : before.url || new URL(PAGE_URL).origin);
  const [apiKey, setApiKey] = useState(before?.apiKey ?? "");
  const [name, setName] = useState(before?.name);
  const [urlProblem, setUrlProblem] = useState<string>();
  const [found, setFound] = useState<Found>();
  const trial = useTask();
  const use = useTask();

  const changed = () => {
    setFound(undefined);
    setUrlProblem(undefined);
    trial.clear();
    use.clear();
  };
  const look = (event: FormEvent) => {
    event.preventDefault();
    const read = readServerUrl(url, PAGE_URL);
    if ("problem" in read) return setUrlProblem(read.problem);
    const place = { url: read.url, apiKey: apiKey.trim() === "" ? undefined : apiKey.trim() };
    changed();
    void trial.run(async () => setFound({ place, facts: await session.tryNetwork(place) }));
  };
  const isOtherChain = found !== undefined && before !== undefined && before.chain !== found.facts.chain;
  const shownName = name ?? (found === undefined ? "" : nameFor(found));
  return (
    <div className={formClasses.form}>
      <form className={formClasses.form} onSubmit={look} noValidate aria-label={texts.look}>
        <Field
          label={texts.url}
          hint={texts.urlHint}
          inputMode="url"
          autoCapitalize="none"
          value={url}
          problem={urlProblem}
          {...(isFirst && { "data-autofocus": true, autoFocus: true })}
          onChange={(event) => {
            setUrl(event.target.value);
            changed();
          }}
        />
        <PassphraseField
          label={texts.key}
          autoComplete="off"
          value={apiKey}
          onChange={(value) => {
            setApiKey(value);
            changed();
          }}
        />
        <div className={formClasses.buttons}>
          <Button
            type="submit"
            variant={found === undefined && !isSecond ? "filled" : "default"}
            loading={trial.isBusy}
          >
            {found === undefined ? texts.look : texts.again}
          </Button>
        </div>
      </form>
      {trial.problem !== undefined && (
        <Notice tone="bad" title={texts.silent(hostOf(url))} role="alert">
          {trial.problem} {needsLeave(url) && texts.elsewhere(location.origin)}
        </Notice>
      )}
      {found !== undefined && (
        <form
          className={formClasses.form}
          aria-label={useLabel}
          onSubmit={(event) => {
            event.preventDefault();
            void use.run(() => onUse({ ...found.place, name: shownName.trim() || nameFor(found) }, found.facts));
          }}
        >
          <Notice tone="good" title={texts.answers(hostOf(url))} role="status" />
          <NetworkFactsList facts={found.facts} />
          {isOtherChain ? (
            <Notice tone="bad" role="alert">
              {texts.otherChain(chainName(before.chain), chainName(found.facts.chain))}
            </Notice>
          ) : (
            <>
              {found.facts.chain === "main" && <Notice tone="warn">{texts.realMoney}</Notice>}
              <Field
                label={texts.name}
                hint={texts.nameHint}
                maxLength={60}
                value={shownName}
                onChange={(event) => setName(event.target.value)}
              />
              {use.problem !== undefined && (
                <Notice tone="bad" role="alert">
                  {use.problem}
                </Notice>
              )}
              <div className={formClasses.buttons}>
                <Button type="submit" loading={use.isBusy}>
                  {useLabel}
                </Button>
              </div>
            </>
          )}
        </form>
      )}
    </div>
  );
}

function nameFor({ place }: Found): string {
  return place.url === "" ? texts.thisServer : hostOf(place.url);
}

function hostOf(url: string): string {
  const read = readServerUrl(url, PAGE_URL);
  if ("problem" in read) return url.trim();
  return read.url === "" ? location.host : new URL(read.url).host;
}

/** Whether a server must let pages of this origin ask it: the desktop's process asks in their place. */
function needsLeave(url: string): boolean {
  if (desktopSession() !== undefined) return false;
  const read = readServerUrl(url, PAGE_URL);
  return "url" in read && read.url !== "" && new URL(read.url).origin !== location.origin;
}
