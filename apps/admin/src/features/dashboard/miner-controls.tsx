import type { MinerChange, MinerInfo } from "@bitfleet/api/rest/mining.ts";
import { useAdminKeyField } from "@bitfleet/ui/keys/key-field.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useId, useState } from "react";
import classes from "./miner-controls.module.css";
import { useSetMiner } from "./queries.ts";

type Running = Exclude<MinerInfo["pacing"], "off">;

const PACINGS: readonly { readonly value: Running; readonly label: string }[] = [
  { value: "interval", label: "At intervals" },
  { value: "on-transaction", label: "When transactions come" },
  { value: "continuous", label: "All the time" },
];

/** Starts, stops and paces the miner. The admin key is asked for once a tab. */
export function MinerControls({ info }: { readonly info: MinerInfo }): ReactElement {
  const isOff = info.pacing === "off";
  const id = useId();
  const [wanted, setWanted] = useState<Running>();
  const [seconds, setSeconds] = useState<string>();
  const [address, setAddress] = useState("");
  const adminKey = useAdminKeyField();
  const setMiner = useSetMiner();

  const pacing = wanted ?? (info.pacing === "off" ? "interval" : info.pacing);
  const interval = seconds ?? String(info.interval_seconds);
  const send = (change: MinerChange) =>
    setMiner.mutate(
      { change, adminKey: adminKey.key },
      {
        onSuccess: () => {
          adminKey.accepted();
          setWanted(undefined);
          setSeconds(undefined);
        },
        onError: adminKey.failed,
      },
    );
  const start = () =>
    send({
      pacing,
      ...(pacing === "interval" && { interval_seconds: Number(interval) }),
      ...(address !== "" && { address: address.trim() }),
    });

  return (
    <form
      className={classes.form}
      aria-label="Control of the miner"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <label className={classes.field} htmlFor={`${id}-pacing`}>
        <span>Blocks are made</span>
        <select id={`${id}-pacing`} value={pacing} onChange={(event) => setWanted(event.target.value as Running)}>
          {PACINGS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {pacing === "interval" && (
        <label className={classes.field} htmlFor={`${id}-seconds`}>
          <span>Mean seconds between blocks</span>
          <input
            id={`${id}-seconds`}
            className={classes.number}
            type="number"
            min="0.1"
            max="1000000"
            step="any"
            required
            value={interval}
            onChange={(event) => setSeconds(event.target.value)}
          />
        </label>
      )}
      {!info.has_address && (
        <label className={classes.field} htmlFor={`${id}-address`}>
          <span>Pay coins to address</span>
          <input
            id={`${id}-address`}
            className={classes.wide}
            spellCheck={false}
            autoComplete="off"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
        </label>
      )}
      {!adminKey.isKnown && (
        <label className={classes.field} htmlFor={`${id}-key`}>
          <span>Admin key, shown by bitfleet up</span>
          <input
            id={`${id}-key`}
            className={classes.wide}
            type="password"
            autoComplete="off"
            value={adminKey.typed}
            onChange={(event) => adminKey.type(event.target.value)}
          />
        </label>
      )}
      <div className={classes.buttons}>
        <Button type="submit" size="sm" loading={setMiner.isPending} disabled={adminKey.key === ""}>
          {isOff ? "Start mining" : "Apply"}
        </Button>
        {!isOff && (
          <Button
            size="sm"
            variant="default"
            disabled={adminKey.key === "" || setMiner.isPending}
            onClick={() => send({ pacing: "off" })}
          >
            Stop mining
          </Button>
        )}
      </div>
      {setMiner.error !== null && (
        <p className={classes.problem} role="alert">
          {setMiner.error.message}
        </p>
      )}
    </form>
  );
}
