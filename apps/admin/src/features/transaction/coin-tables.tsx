import type { TransactionDetail, TransactionInputView } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { AddressLink, BlockLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import { useLocation } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useEffect, useRef, useState } from "react";
import classes from "./coin-tables.module.css";
import { dataText } from "./data-text.ts";
import { scriptTypeName } from "./script-types.ts";
import { transactionTexts } from "./texts.ts";

const texts = transactionTexts.table;

/** Rows at first, and how many more each time. */
const ROWS_AT_ONCE = 50;

/** All inputs and outputs, with where the coins come from and where they went. `#output-3` of the address marks that output. */
export function CoinTables({ transaction }: { readonly transaction: TransactionDetail }): ReactElement {
  const { inputs, outputs } = transaction;
  const marked = useMarkedOutput();
  return (
    <div className={classes.sides}>
      <CoinTable title={texts.inputs(inputs.length)} mainTitle={texts.from} count={inputs.length}>
        {(index) => <InputCells input={inputs[index]!} total={transaction.total_output} />}
      </CoinTable>
      <CoinTable title={texts.outputs(outputs.length)} mainTitle={texts.to} count={outputs.length} marked={marked}>
        {(index) => <OutputCells output={outputs[index]!} />}
      </CoinTable>
    </div>
  );
}

function CoinTable({
  title,
  mainTitle,
  count,
  marked,
  children,
}: {
  readonly title: string;
  readonly mainTitle: string;
  readonly count: number;
  readonly marked?: number | undefined;
  readonly children: (index: number) => ReactNode;
}): ReactElement {
  const [wanted, setWanted] = useState(ROWS_AT_ONCE);
  const shown = Math.min(count, Math.max(wanted, marked === undefined ? 0 : marked + 1));
  return (
    <section className={classes.side} aria-label={title}>
      <table className={classes.table}>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.number}</th>
            <th scope="col">{mainTitle}</th>
            <th scope="col" className={classes.figure}>
              {texts.amount}
            </th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: shown }, (_, index) => index).map((index) => (
            <CoinRow key={index} index={index} isMarked={index === marked}>
              {children(index)}
            </CoinRow>
          ))}
        </tbody>
      </table>
      {shown < count && (
        <button type="button" className={classes.more} onClick={() => setWanted(shown + ROWS_AT_ONCE * 4)}>
          {texts.more(formatCount(Math.min(count - shown, ROWS_AT_ONCE * 4)))}
        </button>
      )}
    </section>
  );
}

function CoinRow({
  index,
  isMarked,
  children,
}: {
  readonly index: number;
  readonly isMarked: boolean;
  readonly children: ReactNode;
}): ReactElement {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (isMarked) row.current?.scrollIntoView({ block: "center" });
  }, [isMarked]);
  return (
    <tr ref={row} data-marked={isMarked}>
      <th scope="row">{formatCount(index)}</th>
      {children}
    </tr>
  );
}

function InputCells({
  input,
  total,
}: {
  readonly input: TransactionInputView;
  /** Of the outputs: what a coinbase brings in. */
  readonly total: number;
}): ReactElement {
  const { prevout, txid, vout } = input;
  if (txid === null || vout === null) {
    return (
      <>
        <td>
          <span className={classes.main}>{transactionTexts.flow.newCoins}</span>
        </td>
        <td className={classes.figure}>
          <Amount sats={BigInt(total)} />
        </td>
      </>
    );
  }
  return (
    <>
      <td>
        <span className={classes.main}>{prevout !== null && <Owner script={prevout.script} />}</span>
        <span className={classes.detail}>
          {texts.by} <TransactionLink txid={txid} vout={vout} edgeCount={7} hasNoCopy />
          {prevout !== null && <span>{originOf(prevout)}</span>}
        </span>
      </td>
      <td className={classes.figure}>
        {prevout === null ? transactionTexts.flow.unknownValue : <Amount sats={BigInt(prevout.value)} />}
      </td>
    </>
  );
}

function originOf({ height, is_coinbase: isCoinbase }: NonNullable<TransactionInputView["prevout"]>): string {
  if (height === null) return texts.notInBlock;
  return isCoinbase ? texts.madeByCoinbase(formatCount(height)) : texts.madeAt(formatCount(height));
}

type Output = TransactionDetail["outputs"][number];

function OutputCells({ output }: { readonly output: Output }): ReactElement {
  const { script } = output;
  return (
    <>
      <td>
        <span className={classes.main}>
          <Owner script={script} />
        </span>
        <span className={classes.detail}>
          {script.address !== null && <span>{scriptTypeName(script.type)}</span>}
          <Spending output={output} />
        </span>
      </td>
      <td className={classes.figure}>
        <Amount sats={BigInt(output.value)} />
      </td>
    </>
  );
}

function Owner({ script }: { readonly script: Output["script"] }): ReactElement {
  if (script.address === null) return <span className={classes.type}>{scriptTypeName(script.type)}</span>;
  return <AddressLink address={script.address} edgeCount={7} />;
}

function Spending({ output }: { readonly output: Output }): ReactElement | null {
  const { is_spent: isSpent, spent_by: spender, script } = output;
  if (script.type === "nulldata") return <Note scriptHex={script.hex} />;
  if (isSpent === null) return null;
  if (!isSpent) return <span className={classes.unspent}>{texts.unspent}</span>;
  if (spender?.txid == null) return <span>{texts.spentUnknown}</span>;
  return (
    <span>
      {texts.spentBy} <TransactionLink txid={spender.txid} edgeCount={7} hasNoCopy />{" "}
      {spender.block_height === null ? (
        texts.spentWaiting
      ) : (
        <BlockLink id={String(spender.block_height)}>{texts.spentInBlock(formatCount(spender.block_height))}</BlockLink>
      )}
    </span>
  );
}

/** Of a coinbase: OP_RETURN, and a push that begins with these four bytes. */
const WITNESS_COMMITMENT = "6a24aa21a9ed";

/** What it says, where that is text. */
function Note({ scriptHex }: { readonly scriptHex: string }): ReactElement {
  if (scriptHex.startsWith(WITNESS_COMMITMENT)) return <span>{texts.commitment}</span>;
  const text = dataText(scriptHex);
  return <span className={classes.note}>{text === undefined ? texts.note : texts.says(text)}</span>;
}

/** Which output the address points at. */
function useMarkedOutput(): number | undefined {
  const digits = /^output-(\d{1,6})$/.exec(useLocation({ select: ({ hash }) => hash }))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
