import type { TransactionInputView } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount, shortHash } from "@bitfleet/ui/format.ts";
import { AddressLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement } from "react";
import { ScriptText } from "./script-text.tsx";
import classes from "./transaction-card.module.css";

interface InputRowProps {
  readonly input: TransactionInputView;
  readonly index: number;
  readonly hasScripts: boolean;
}

/** What one input spends. */
export function InputRow({ input, index, hasScripts }: InputRowProps): ReactElement {
  return (
    <li className={classes.row}>
      {input.coinbase === null ? <Spent input={input} /> : <NewCoins />}
      {hasScripts && (
        <div className={classes.scripts}>
          <ScriptText
            label={input.coinbase === null ? "Input script" : "Coinbase script"}
            asm={input.script_sig_asm}
            hex={input.script_sig_hex}
          />
          {input.witness.map((item, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a witness stack is what it is, and items may be equal
            <ScriptText key={position} label={`Witness ${position}`} asm={item === "" ? "(empty)" : item} hex={item} />
          ))}
          <p className={classes.detail}>
            Input {index} · sequence 0x{input.sequence.toString(16).padStart(8, "0")}
          </p>
        </div>
      )}
    </li>
  );
}

function NewCoins(): ReactElement {
  return (
    <div className={classes.line}>
      <span className={classes.new}>New coins and the block's fees</span>
    </div>
  );
}

function Spent({ input }: { readonly input: TransactionInputView }): ReactElement {
  const { prevout } = input;
  const outPoint = `${input.txid}:${input.vout}`;
  return (
    <>
      <div className={classes.line}>
        {prevout === null ? (
          <TransactionLink txid={input.txid ?? ""} vout={input.vout ?? 0} />
        ) : prevout.script.address === null ? (
          <span className={classes.type}>{prevout.script.type}</span>
        ) : (
          <AddressLink address={prevout.script.address} />
        )}
        {prevout === null ? (
          <span className={classes.detail}>value not known</span>
        ) : (
          <Amount sats={BigInt(prevout.value)} />
        )}
      </div>
      {prevout !== null && (
        <p className={classes.detail} title={outPoint}>
          {input.txid !== null && shortHash(input.txid, 6)}:{input.vout} ·{" "}
          {prevout.height === null ? "not in a block yet" : `made at height ${formatCount(prevout.height)}`}
          {prevout.is_coinbase && " by a coinbase"}
        </p>
      )}
    </>
  );
}
