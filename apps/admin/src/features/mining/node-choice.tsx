import type { NetworkNodeView, NetworkStatus } from "@bitfleet/api/rest/network.ts";
import { type ReactElement, useId } from "react";
import classes from "./mining.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.nodes;
const PACINGS: Readonly<Record<string, string>> = texts.pacings;

interface NodeChoiceProps {
  readonly network: NetworkStatus;
  readonly node: string | undefined;
  readonly onChoose: (node: string) => void;
}

/** Whose miner is looked at: the nodes of the network with what each does. */
export function NodeChoice({ network, node, onChoose }: NodeChoiceProps): ReactElement {
  const name = useId();
  return (
    <fieldset className={classes.nodes}>
      <legend>{texts.label}</legend>
      {network.nodes.map((one) => (
        <label key={one.name} className={classes.node}>
          <input
            type="radio"
            name={name}
            value={one.name}
            checked={one.name === node}
            onChange={() => onChoose(one.name)}
          />
          <span className={classes.dot} data-on={isMining(one)} data-away={one.miner === null} />
          <strong>{one.name}</strong>
          <span className={classes.doing}>{doingOf(one)}</span>
        </label>
      ))}
    </fieldset>
  );
}

const isMining = ({ miner }: NetworkNodeView) => miner !== null && miner.pacing !== "off";

function doingOf({ miner }: NetworkNodeView): string {
  if (miner === null) return texts.away;
  const doing = PACINGS[miner.pacing] ?? miner.pacing;
  return miner.found_count === 0 ? doing : texts.withFound(doing, miner.found_count);
}
