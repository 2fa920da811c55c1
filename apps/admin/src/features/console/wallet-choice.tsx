import { useWallets } from "@bitfleet/ui/wallet-queries.ts";
import { type ReactElement, useId } from "react";
import classes from "./console.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.wallet;

interface WalletChoiceProps {
  /** "" where none is named. */
  readonly value: string;
  readonly onChoose: (wallet: string) => void;
}

/** Which wallet calls are about; nothing where there is none to choose. */
export function WalletChoice({ value, onChoose }: WalletChoiceProps): ReactElement | null {
  const id = useId();
  const { data } = useWallets();
  const loaded = (data ?? []).filter(({ is_loaded, name }) => is_loaded && name !== "").map(({ name }) => name);
  if (loaded.length === 0 && value === "") return null;
  const isAway = value !== "" && !loaded.includes(value);
  return (
    <div className={classes.wallet} title={texts.hint}>
      <label htmlFor={id}>{texts.label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.target.value)}>
        <option value="">{texts.none}</option>
        {loaded.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        {isAway && <option value={value}>{data === undefined ? value : texts.notLoaded(value)}</option>}
      </select>
    </div>
  );
}
