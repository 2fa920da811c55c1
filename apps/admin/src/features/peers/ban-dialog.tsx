import type { PeerView } from "@bitfleet/api/rest/peers.ts";
import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useEffect, useState } from "react";
import { hostOf, isOwnMachine } from "./peer-address.ts";
import classes from "./peers.module.css";
import { usePeerActions } from "./queries.ts";
import { texts } from "./texts.ts";

interface BanDialogProps {
  readonly isOpen: boolean;
  /** Whose address is to be banned; absent where one is to be entered. */
  readonly peer?: PeerView | undefined;
  readonly onClose: () => void;
}

const HOUR_SECONDS = 3_600;
const DURATIONS = [
  { seconds: HOUR_SECONDS, title: texts.ban.hour },
  { seconds: 24 * HOUR_SECONDS, title: texts.ban.day },
  { seconds: 7 * 24 * HOUR_SECONDS, title: texts.ban.week },
  { seconds: 365 * 24 * HOUR_SECONDS, title: texts.ban.year },
] as const;
const DAY = DURATIONS[1];

/** Asks which address is kept out, and for how long. */
export function BanDialog({ isOpen, peer, onClose }: BanDialogProps): ReactElement {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={texts.ban.title} size="small" isModalOnly>
      <BanForm peer={peer} onClose={onClose} />
    </Dialog>
  );
}

function BanForm({ peer, onClose }: Pick<BanDialogProps, "peer" | "onClose">): ReactElement {
  const [range, setRange] = useState(peer?.address == null ? "" : hostOf(peer.address));
  const [seconds, setSeconds] = useState<number>(DAY.seconds);
  const [problem, setProblem] = useState<string>();
  const { ban, askAddress } = usePeerActions();
  const hiddenId = peer !== undefined && peer.address === null ? peer.id : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens
  useEffect(() => {
    if (hiddenId === undefined) return;
    // Without the key the reader enters the address, if they know it.
    askAddress(hiddenId).then(
      (address) => setRange(address === null ? "" : hostOf(address)),
      (error: unknown) => {
        toast.failure(texts.ban.noAddress, error);
        onClose();
      },
    );
  }, [hiddenId]);
  const submit = () => {
    const subnet = range.trim();
    if (subnet === "") return setProblem(texts.ban.missing);
    if (!/^[0-9a-zA-Z.:/]+$/.test(subnet)) return setProblem(texts.ban.wrong);
    ban.mutate(
      { subnet, seconds },
      {
        onSuccess: () => {
          toast.good(texts.ban.done(subnet));
          onClose();
        },
        onError: (error) => toast.failure(texts.ban.failed(subnet), error),
      },
    );
  };
  return (
    <form
      className={classes.form}
      aria-label={texts.ban.title}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p>{texts.ban.text}</p>
      <Field
        label={texts.ban.range}
        hint={texts.ban.rangeHint}
        data-autofocus
        value={range}
        problem={problem}
        onChange={(event) => {
          setRange(event.target.value);
          setProblem(undefined);
        }}
      />
      {isOwnMachine(range.trim()) && <p className={classes.warning}>{texts.ban.local}</p>}
      <label className={classes.select}>
        {texts.ban.howLong}
        <select value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
          {DURATIONS.map((one) => (
            <option key={one.seconds} value={one.seconds}>
              {one.title}
            </option>
          ))}
        </select>
      </label>
      <DialogButtons>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button type="submit" className={classes.danger ?? ""} loading={ban.isPending} data-testid="confirm">
          {texts.ban.submit}
        </Button>
      </DialogButtons>
    </form>
  );
}
