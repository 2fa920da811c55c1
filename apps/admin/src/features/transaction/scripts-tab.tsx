import type { TransactionDetail, TransactionInputView } from "@bitfleet/api/rest/transactions.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { type ReactElement, type ReactNode, useState } from "react";
import { dataText } from "./data-text.ts";
import { ScriptText } from "./script-text.tsx";
import { scriptTypeName } from "./script-types.ts";
import classes from "./scripts-tab.module.css";
import { transactionTexts } from "./texts.ts";
import { redeemScriptOf, witnessPartsOf } from "./witness-names.ts";

const texts = transactionTexts.scripts;

const PARTS_AT_ONCE = 20;

interface ScriptsTabProps {
  readonly transaction: TransactionDetail;
  /** Leads to the debugger with an input; absent where there is none. */
  readonly stepLink?: ((input: number, label: string) => ReactNode) | undefined;
}

/** Every script and witness item in assembly, by what it is for. */
export function ScriptsTab({ transaction, stepLink }: ScriptsTabProps): ReactElement {
  const { inputs, outputs } = transaction;
  return (
    <div className={classes.sides}>
      <Parts count={inputs.length}>
        {(index) => <InputScripts key={index} input={inputs[index]!} index={index} stepLink={stepLink} />}
      </Parts>
      <Parts count={outputs.length}>
        {(index) => {
          const { script } = outputs[index]!;
          const text = script.type === "nulldata" ? dataText(script.hex) : undefined;
          return (
            <Card key={index} className={classes.card} title={texts.output(index, scriptTypeName(script.type))}>
              <ScriptText label={texts.output_} asm={script.asm} hex={script.hex} />
              {text !== undefined && <ScriptText label={texts.text} asm={text} hex="" />}
            </Card>
          );
        }}
      </Parts>
    </div>
  );
}

function InputScripts({
  input,
  index,
  stepLink,
}: {
  readonly input: TransactionInputView;
  readonly index: number;
  readonly stepLink: ScriptsTabProps["stepLink"];
}): ReactElement {
  const { prevout, coinbase } = input;
  const redeem = redeemScriptOf(input);
  const type = prevout === null ? "" : scriptTypeName(prevout.script.type);
  return (
    <Card
      className={classes.card}
      title={texts.input(index, coinbase === null ? type : transactionTexts.status.coinbase)}
      aside={coinbase === null && prevout !== null ? stepLink?.(index, texts.step) : undefined}
    >
      {prevout !== null && <ScriptText label={texts.spent} asm={prevout.script.asm} hex={prevout.script.hex} />}
      {input.script_sig_hex !== "" && (
        <ScriptText
          label={coinbase === null ? texts.scriptSig : texts.coinbase}
          asm={input.script_sig_asm}
          hex={input.script_sig_hex}
        />
      )}
      {redeem !== undefined && <ScriptText label={redeem.name} asm={redeem.asm} hex={redeem.hex} />}
      {witnessPartsOf(input).map(({ name, asm, hex }, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a witness stack is what it is, and items may be equal
        <ScriptText key={position} label={name} asm={asm} hex={hex} />
      ))}
      <p className={classes.sequence}>{texts.sequence(input.sequence.toString(16).padStart(8, "0"))}</p>
    </Card>
  );
}

function Parts({
  count,
  children,
}: {
  readonly count: number;
  readonly children: (index: number) => ReactElement;
}): ReactElement {
  const [wanted, setWanted] = useState(PARTS_AT_ONCE);
  const shown = Math.min(count, wanted);
  return (
    <div className={classes.side}>
      {Array.from({ length: shown }, (_, index) => children(index))}
      {shown < count && (
        <button type="button" className={classes.more} onClick={() => setWanted(wanted + PARTS_AT_ONCE)}>
          {transactionTexts.table.more(formatCount(Math.min(count - shown, PARTS_AT_ONCE)))}
        </button>
      )}
    </div>
  );
}
