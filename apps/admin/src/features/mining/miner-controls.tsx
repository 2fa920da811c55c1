import type { MinerChange } from "@bitfleet/api/rest/mining.ts";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { pacingText } from "@bitfleet/ui/miner-pacing.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useId, useState } from "react";
import type { MinerChoice } from "./miner-choice.ts";
import classes from "./mining.module.css";
import { type MinerFacts, useSetMiner } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.control;

type Running = Exclude<MinerFacts["pacing"], "off">;

const PACINGS: readonly { readonly value: Running; readonly label: string }[] = [
  { value: "interval", label: texts.interval },
  { value: "on-transaction", label: texts.onTransaction },
  { value: "continuous", label: texts.continuous },
];

/** Starts, stops and paces the miner: the admin key is asked for where it is not known, and a start is confirmed. */
export function MinerControls({
  info,
  choice,
}: {
  readonly info: MinerFacts;
  readonly choice: MinerChoice;
}): ReactElement {
  const isOff = info.pacing === "off";
  // A node of a network mines for the network's wallet where nothing else is said.
  const hasWallet = choice.node !== undefined;
  const id = useId();
  const [wanted, setWanted] = useState<Running>();
  const [seconds, setSeconds] = useState<string>();
  const [address, setAddress] = useState("");
  const [isAddressMissing, setIsAddressMissing] = useState(false);
  const confirm = useConfirm();
  const setMiner = useSetMiner(choice);

  const pacing = wanted ?? (info.pacing === "off" ? "interval" : info.pacing);
  const interval = seconds ?? String(info.interval_seconds);
  const send = async (change: MinerChange, done: string) => {
    try {
      await setMiner.mutateAsync(change);
      setWanted(undefined);
      setSeconds(undefined);
      setAddress("");
      toast.good(done);
    } catch (error) {
      toast.failure(texts.failed, error);
    }
  };
  const apply = async () => {
    const isMissing = !info.has_address && !hasWallet && address.trim() === "";
    setIsAddressMissing(isMissing);
    if (isMissing) return;
    const change: MinerChange = {
      pacing,
      ...(pacing === "interval" && { interval_seconds: Number(interval) }),
      ...(address.trim() !== "" && { address: address.trim() }),
    };
    if (isOff) {
      const when = pacingText({ pacing, interval_seconds: Number(interval), miners: 1 });
      const isWanted = await confirm({
        title: texts.startTitle(choice.node),
        text: texts.startText(choice.node, when),
        confirmLabel: texts.startConfirm,
      });
      if (!isWanted) return;
    }
    await send(change, isOff ? texts.started : texts.applied);
  };

  return (
    <form
      className={classes.form}
      aria-label={texts.form}
      onSubmit={(event) => {
        event.preventDefault();
        void apply();
      }}
    >
      <label className={classes.choice} htmlFor={`${id}-pacing`}>
        {texts.pacing}
        <select id={`${id}-pacing`} value={pacing} onChange={(event) => setWanted(event.target.value as Running)}>
          {PACINGS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Field
        label={texts.seconds}
        hint={texts.secondsHint}
        type="number"
        min="0.1"
        max="1000000"
        step="any"
        required
        disabled={pacing !== "interval"}
        value={interval}
        onChange={(event) => setSeconds(event.target.value)}
      />
      <Field
        className={classes.whole}
        label={texts.address}
        hint={info.has_address ? texts.addressHint : hasWallet ? texts.walletHint : texts.addressMissing}
        problem={isAddressMissing ? texts.addressProblem : undefined}
        value={address}
        onChange={(event) => setAddress(event.target.value)}
      />
      <div className={classes.buttons}>
        <Button type="submit" size="sm" loading={setMiner.isPending}>
          {isOff ? texts.start : texts.apply}
        </Button>
        {!isOff && (
          <Button
            size="sm"
            variant="default"
            disabled={setMiner.isPending}
            onClick={() => void send({ pacing: "off" }, texts.stopped)}
          >
            {texts.stop}
          </Button>
        )}
      </div>
    </form>
  );
}
