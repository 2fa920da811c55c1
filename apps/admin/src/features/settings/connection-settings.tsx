import { Card } from "@bitfleet/ui/card.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { ExternalIcon } from "@bitfleet/ui/icons.tsx";
import { nodeAddress, parseNodeAddress, rememberNodeAddress } from "@bitfleet/ui/node-address.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { tryNode } from "./node-trial.ts";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.connection;

/** Which node the page talks to. Another one is asked what it is before it is used. */
export function ConnectionSettings(): ReactElement {
  const [text, setText] = useState(nodeAddress);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  /** Origin that the page's policy keeps it from. */
  const [blocked, setBlocked] = useState<string>();

  const use = async (event: FormEvent) => {
    event.preventDefault();
    setBlocked(undefined);
    const address = parseNodeAddress(text, location.origin);
    if (address === undefined) return setProblem(texts.invalid);
    if (address === nodeAddress) return setProblem(texts.isOwn);
    setProblem(undefined);
    if (address === "") return begin("");
    setIsBusy(true);
    const found = await tryNode(address);
    setIsBusy(false);
    if (found === "bitfleet") begin(address);
    else if (found === "blocked") setBlocked(address);
    else setProblem(found === "silent" ? texts.silent(location.origin) : texts.notBitfleet);
  };
  return (
    <Card title={texts.title}>
      <p className={classes.text}>
        {nodeAddress === "" ? texts.own : texts.other} <code>{nodeAddress || location.origin}</code>
      </p>
      <form className={classes.form} aria-label={texts.title} onSubmit={use} noValidate>
        <Field
          className={classes.grows}
          label={texts.address}
          hint={texts.addressHint}
          inputMode="url"
          value={text}
          problem={problem}
          onChange={(event) => {
            setText(event.target.value);
            setProblem(undefined);
          }}
        />
        <div className={classes.buttons}>
          <Button type="submit" loading={isBusy}>
            {texts.test}
          </Button>
          {nodeAddress !== "" && (
            <Button variant="default" onClick={() => begin("")}>
              {texts.back}
            </Button>
          )}
        </div>
      </form>
      <div role="status">
        {blocked !== undefined && (
          <div className={classes.notice}>
            <p>{texts.blocked}</p>
            <a href={blocked} rel="noreferrer">
              {texts.open(blocked)} <ExternalIcon size={14} />
            </a>
          </div>
        )}
      </div>
      <p className={classes.hint}>{texts.policy}</p>
    </Card>
  );
}

/** With the other node's answers alone in the cache. */
function begin(address: string): void {
  rememberNodeAddress(address);
  location.reload();
}
