import { Card } from "@bitfleet/ui/card.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { GapLimitPart, useGapLimitWish } from "../../gap/gap-limit-part.tsx";
import { Notice } from "../../notice.tsx";
import type { SavedNetwork } from "../../session/records.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { cosignerName } from "../../shared/cosigner-name.ts";
import { HandOut } from "../../shared/hand-out.tsx";
import sharedClasses from "../../shared/shared.module.css";
import { SignerLine } from "../../shared/signer-line.tsx";
import { sharedTexts } from "../../shared/texts.ts";
import { StepPage } from "../../step-page.tsx";
import { TaskEnd } from "../../task-end.tsx";
import { useTask } from "../../use-task.ts";
import classes from "./onboarding.module.css";
import { cosignersOf, type ShareDraft } from "./share-draft.ts";
import { texts as allTexts } from "./texts.ts";
import { type Setup, useChosenNetwork } from "./use-setup.ts";

const texts = allTexts.compare;

/** What the wallet would be, to be compared on all devices; then it is made. */
export function CompareStep({ setup }: { readonly setup: Setup }): ReactElement {
  const network = useChosenNetwork(setup.draft);
  const { share } = setup.draft;
  if (share === undefined || network === undefined) {
    return (
      <StepPage title={texts.title} isFurther>
        <Notice
          tone="warn"
          actions={<Button onClick={() => setup.go("share", { replaces: true })}>{texts.anew}</Button>}
        >
          {texts.gone}
        </Notice>
      </StepPage>
    );
  }
  return <Compare setup={setup} share={share} network={network} />;
}

interface CompareProps {
  readonly setup: Setup;
  readonly share: ShareDraft;
  readonly network: SavedNetwork;
}

function Compare({ setup, share, network }: CompareProps): ReactElement {
  const session = useSession();
  const { wallets } = useOpenState();
  const [name, setName] = useState(texts.suggested);
  const gapWish = useGapLimitWish();
  const task = useTask();
  const { required, slots } = share;
  const cosigners = cosignersOf(share);
  const networkId = network.id;
  const [facts] = useState(() => session.readShared({ networkId, required, cosigners }));
  const read = cosigners.map(({ text }) => session.readCosigner(text, networkId));
  const warnings = "error" in facts ? [] : facts.warnings;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const gap = gapWish.read();
    if (gap === undefined) return;
    void task.run(async () => {
      const wanted = { name: name.trim() || texts.suggested, networkId, required, cosigners, ...gap };
      await session.addSharedWallet(wanted);
      setup.change(() => ({ share: undefined }));
      setup.go("keep", { replaces: true });
    });
  };
  return (
    <StepPage title={texts.title} about={texts.about} onBack={setup.back} isFurther>
      <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.title}>
        <Card title={texts.rule(required, slots.length)}>
          <ul className={sharedClasses.signers}>
            {slots.map((slot, index) => {
              const key = read[index];
              if (key === undefined || "error" in key) return null;
              const owner = wallets.find(({ id }) => id === slot.walletId)?.name;
              const { fingerprint, path, warnings: heed } = key;
              return (
                <SignerLine
                  key={slot.id}
                  name={cosignerName({ name: slot.name.trim(), owner, fingerprint }, index)}
                  fingerprint={fingerprint}
                  path={path}
                  owner={owner}
                  below={heed.length > 0 ? <p className={formClasses.note}>{heed.join(" ")}</p> : undefined}
                />
              );
            })}
          </ul>
          {warnings.length > 0 && <Notice tone="warn">{warnings.join(" ")}</Notice>}
        </Card>
        {"error" in facts ? (
          <Notice tone="bad" role="alert">
            {facts.error}
          </Notice>
        ) : (
          <>
            <Card title={texts.address}>
              <p className={classes.address} data-testid="first-address">
                {facts.firstAddress}
              </p>
              <p className={formClasses.note}>{texts.addressHint}</p>
            </Card>
            <Card title={sharedTexts.descriptor.title}>
              <HandOut
                text={facts.descriptor}
                what={sharedTexts.descriptor.what}
                qrLabel={sharedTexts.descriptor.qrLabel}
                fileName={sharedTexts.descriptor.fileName(network.chain)}
              />
            </Card>
          </>
        )}
        <Card>
          <div className={formClasses.form}>
            <GapLimitPart wish={gapWish} />
            <Field
              label={texts.name}
              hint={allTexts.check.nameHint}
              maxLength={60}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
            <TaskEnd task={task} go={texts.go} />
          </div>
        </Card>
      </form>
    </StepPage>
  );
}
