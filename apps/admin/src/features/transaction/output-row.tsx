import type { TransactionOutputView } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Hash } from "@bitfleet/ui/hash.tsx";
import type { ReactElement } from "react";
import { ScriptText } from "./script-text.tsx";
import classes from "./transaction-card.module.css";

/** Names of the output templates as people say them; the rest are shown as the node calls them. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  pubkey: "P2PK",
  pubkeyhash: "P2PKH",
  scripthash: "P2SH",
  multisig: "bare multisig",
  nulldata: "data (OP_RETURN)",
  anchor: "P2A anchor",
  witness_v0_keyhash: "P2WPKH",
  witness_v0_scripthash: "P2WSH",
  witness_v1_taproot: "P2TR taproot",
  witness_unknown: "future witness program",
  nonstandard: "nonstandard script",
};

interface OutputRowProps {
  readonly output: TransactionOutputView;
  readonly hasScripts: boolean;
}

/** To whom one output pays, and how much. */
export function OutputRow({ output, hasScripts }: OutputRowProps): ReactElement {
  const { script } = output;
  const type = TYPE_NAMES[script.type] ?? script.type;
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        {script.address === null ? (
          <span className={classes.type}>{type}</span>
        ) : (
          <Hash value={script.address} label="address" edgeCount={11} />
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
