import { Age } from "@bitfleet/ui/age.tsx";
import { useApi } from "@bitfleet/ui/api-provider.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { KeyIcon, RewindIcon } from "@bitfleet/ui/icons.tsx";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { ErrorMessage, LoadingRows } from "@bitfleet/ui/states.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import classes from "./network.module.css";
import { readSnapshots, useNetworkActions, useSnapshots } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.snapshots;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MS = 1000;

/** Moments that the whole network can be taken back to. */
export function Snapshots(): ReactElement {
  const { isKnown } = useAdminKey();
  return (
    <Card title={texts.title}>
      <p className={classes.about}>{texts.about}</p>
      <TakeForm />
      {isKnown ? <SnapshotList /> : <Locked />}
    </Card>
  );
}

function Locked(): ReactElement {
  const { run } = useAdminKey();
  const api = useApi();
  const queries = useQueryClient();
  const onEnter = () =>
    run((apiKey) => readSnapshots(api, queries, apiKey)).catch((error: unknown) => toast.failure(texts.locked, error));
  return (
    <div className={classes.buttons}>
      <span className={classes.muted}>{texts.locked}</span>
      <Button size="xs" variant="default" leftSection={<KeyIcon />} onClick={() => void onEnter()}>
        {texts.enterKey}
      </Button>
    </div>
  );
}

function TakeForm(): ReactElement {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string>();
  const { takeSnapshot } = useNetworkActions();
  const submit = () => {
    const wanted = name.trim();
    if (wanted !== "" && !NAME.test(wanted)) return setProblem(texts.nameWrong);
    takeSnapshot.mutate(wanted, {
      onSuccess: (taken) => {
        setName("");
        toast.good(texts.taken(taken.name), { text: texts.at(formatCount(taken.height)) });
      },
      onError: (error) => toast.failure(texts.notTaken, error),
    });
  };
  return (
    <form
      className={classes.form}
      aria-label={texts.take}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!takeSnapshot.isPending) submit();
      }}
    >
      <Field
        className={classes.grows}
        label={texts.name}
        hint={texts.nameHint}
        value={name}
        problem={problem}
        onChange={(event) => {
          setName(event.target.value);
          setProblem(undefined);
        }}
      />
      <Button type="submit" variant="default" className={classes.submit ?? ""} loading={takeSnapshot.isPending}>
        {texts.take}
      </Button>
    </form>
  );
}

function SnapshotList(): ReactElement {
  const snapshots = useSnapshots();
  const confirm = useConfirm();
  const { revert, removeSnapshot } = useNetworkActions();
  if (snapshots.data === undefined) {
    if (snapshots.error !== null)
      return <ErrorMessage error={snapshots.error} onRetry={() => void snapshots.refetch()} />;
    return <LoadingRows count={2} height={48} label={texts.title} />;
  }
  if (snapshots.data.length === 0) return <p className={classes.about}>{texts.none}</p>;
  const onRevert = async (name: string, height: number) => {
    const question = {
      title: texts.revertTitle(name),
      text: texts.revertText(formatCount(height)),
      confirmLabel: texts.revert,
      isDangerous: true,
    };
    if (!(await confirm(question))) return;
    revert.mutate(name, {
      onSuccess: (at) => toast.good(texts.reverted(name), { text: texts.at(formatCount(at.height)) }),
      onError: (error) => toast.failure(texts.notReverted(name), error),
    });
  };
  const onRemove = async (name: string) => {
    const question = {
      title: texts.removeTitle(name),
      text: texts.removeText,
      confirmLabel: texts.remove,
      isDangerous: true,
    };
    if (!(await confirm(question))) return;
    removeSnapshot.mutate(name, {
      onSuccess: () => toast.good(texts.removed(name)),
      onError: (error) => toast.failure(texts.notRemoved(name), error),
    });
  };
  return (
    <ul className={classes.snapshots} aria-label={texts.title}>
      {snapshots.data.toReversed().map(({ name, height, transactions, time }) => (
        <li key={name}>
          <div>
            <strong>{name}</strong>
            <small>
              {texts.at(formatCount(height))} · {texts.waiting(transactions)} ·{" "}
              <Age unixSeconds={Math.floor(Date.parse(time) / MS)} />
            </small>
          </div>
          <span className={classes.rowButtons}>
            <Button
              size="xs"
              variant="default"
              leftSection={<RewindIcon size={14} />}
              aria-label={texts.revertOf(name)}
              loading={revert.isPending && revert.variables === name}
              onClick={() => void onRevert(name, height)}
            >
              {texts.revert}
            </Button>
            <Button size="xs" variant="default" aria-label={texts.removeOf(name)} onClick={() => void onRemove(name)}>
              {texts.remove}
            </Button>
          </span>
        </li>
      ))}
    </ul>
  );
}
