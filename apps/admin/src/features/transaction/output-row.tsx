import type { TransactionOutputView } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { AddressLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement } from "react";
import { ScriptText } from "./script-text.tsx";
import { scriptTypeName } from "./script-types.ts";
import classes from "./transaction-card.module.css";

interface OutputRowProps {
  readonly output: TransactionOutputView;
  readonly hasScripts: boolean;
}

/** To whom one output pays, and how much. */
export function OutputRow({ output, hasScripts }: OutputRowProps): ReactElement {
  const { script } = output;
  const type = scriptTypeName(script.type);
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        {script.address === null ? (
          <span className={classes.type}>{type}</span>
        ) : (
          <AddressLink address={script.address} />
        )}
        <Amount sats={BigInt(output.value)} />
      </div>
      <p className={classes.detail}>
        output {output.index}
        {script.address !== null && ` · ${type}`}
      </p>
      {hasScripts && (
        <div className={classes.scripts}>
          <ScriptText label="Output script" asm={script.asm} hex={script.hex} />
        </div>
      )}
    </li>
  );
}
