import type { DecodedTransaction, OutputSpender, TransactionOutputView } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { AddressLink, PlaceLink } from "@bitfleet/ui/places.tsx";
import { type CSSProperties, type ReactElement, type ReactNode, useId, useState } from "react";
import { flowBands, flowHeight, foldSide } from "./flow-layout.ts";
import classes from "./flow-picture.module.css";
import { scriptTypeName } from "./script-types.ts";
import { transactionTexts } from "./texts.ts";

const texts = transactionTexts.flow;

/** Rows of a side at first, and when it is unfolded: a picture of thousands would show nothing. */
const ROWS_FOLDED = 8;
const ROWS_UNFOLDED = 40;

type FlowOutput = TransactionOutputView & {
  readonly is_spent?: boolean | null;
  readonly spent_by?: OutputSpender | null;
};

export type FlowTransaction = Pick<DecodedTransaction, "is_coinbase" | "fee" | "inputs" | "total_output"> & {
  readonly outputs: readonly FlowOutput[];
};

/** One end of a band. */
interface FlowRow {
  readonly key: string;
  readonly value: number;
  readonly kind: "coin" | "new" | "fee" | "folded";
  readonly label: ReactNode;
  /** `undefined` where the value is not known. */
  readonly amount: number | undefined;
  readonly mark?: ReactNode;
}

/** What a transaction spends on the left, what it makes and the fee on the right, and between them bands as high as what they carry. */
export function FlowPicture({ transaction }: { readonly transaction: FlowTransaction }): ReactElement {
  const id = useId();
  const [isUnfolded, setIsUnfolded] = useState(false);
  const [active, setActive] = useState<string>();
  const rowsMax = isUnfolded ? ROWS_UNFOLDED : ROWS_FOLDED;
  const inputs = inputRows(transaction, rowsMax);
  const outputs = outputRows(transaction, rowsMax);
  const height = flowHeight(Math.max(inputs.length, outputs.length));
  const canUnfold = Math.max(transaction.inputs.length, transaction.outputs.length) > ROWS_FOLDED;
  const side = (rows: readonly FlowRow[], name: "in" | "out") =>
    flowBands(
      rows.map(({ value }) => value),
      height,
      name,
    ).map((path, index) => (
      <path
        key={rows[index]!.key}
        d={path}
        className={classes.band}
        data-side={name}
        data-kind={rows[index]!.kind}
        data-active={active === rows[index]!.key}
        fill={rows[index]!.kind === "fee" ? undefined : `url(#${id}-${name})`}
      />
    ));
  return (
    <div className={classes.flow} style={{ "--height": `${height}px` } as CSSProperties}>
      <FlowRows rows={inputs} label={texts.inputs} onActive={setActive} />
      <svg viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" className={classes.picture} aria-hidden="true">
        <defs>
          <linearGradient id={`${id}-in`} gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="50" y2="0">
            <stop offset="0" className={classes.from} />
            <stop offset="1" className={classes.middle} />
          </linearGradient>
          <linearGradient id={`${id}-out`} gradientUnits="userSpaceOnUse" x1="50" y1="0" x2="100" y2="0">
            <stop offset="0" className={classes.middle} />
            <stop offset="1" className={classes.to} />
          </linearGradient>
        </defs>
        {side(inputs, "in")}
        {side(outputs, "out")}
      </svg>
      <FlowRows rows={outputs} label={texts.outputs} onActive={setActive} isEnd />
      {canUnfold && (
        <button type="button" className={classes.unfold} onClick={() => setIsUnfolded(!isUnfolded)}>
          {isUnfolded ? texts.fold : texts.unfold}
        </button>
      )}
    </div>
  );
}

function FlowRows({
  rows,
  label,
  isEnd = false,
  onActive,
}: {
  readonly rows: readonly FlowRow[];
  readonly label: string;
  readonly isEnd?: boolean;
  readonly onActive: (key: string | undefined) => void;
}): ReactElement {
  return (
    <ul className={classes.rows} data-end={isEnd} aria-label={label}>
      {rows.map((row) => (
        <li
          key={row.key}
          data-kind={row.kind}
          onMouseEnter={() => onActive(row.key)}
          onMouseLeave={() => onActive(undefined)}
          onFocus={() => onActive(row.key)}
          onBlur={() => onActive(undefined)}
        >
          <span className={classes.amount}>
            {row.amount === undefined ? texts.unknownValue : <Amount sats={BigInt(row.amount)} />}
          </span>
          <span className={classes.label}>
            {row.label}
            {row.mark}
          </span>
        </li>
      ))}
    </ul>
  );
}

function inputRows({ is_coinbase: isCoinbase, inputs, total_output: total }: FlowTransaction, rowsMax: number) {
  if (isCoinbase) return [{ key: "new", value: 1, kind: "new", label: texts.newCoins, amount: total } as const];
  const values = inputs.map(({ prevout }) => prevout?.value ?? 0);
  const { shown, foldedCount, foldedValue } = foldSide(values, rowsMax);
  const rows: FlowRow[] = shown.map((index) => {
    const { txid, vout, prevout } = inputs[index]!;
    return {
      key: `in-${index}`,
      kind: "coin",
      value: values[index]!,
      amount: prevout?.value,
      label: prevout === null ? <OutPointName txid={txid} vout={vout} /> : <ScriptName script={prevout.script} />,
    };
  });
  return foldedCount === 0 ? rows : [...rows, foldedRow("in-folded", foldedCount, foldedValue)];
}

function outputRows({ outputs, fee }: FlowTransaction, rowsMax: number): readonly FlowRow[] {
  const values = outputs.map(({ value }) => value);
  const { shown, foldedCount, foldedValue } = foldSide(values, rowsMax);
  const rows: FlowRow[] = shown.map((index) => {
    const output = outputs[index]!;
    return {
      key: `out-${index}`,
      kind: "coin",
      value: output.value,
      amount: output.value,
      label: <ScriptName script={output.script} />,
      mark: <SpentMark output={output} />,
    };
  });
  if (foldedCount > 0) rows.push(foldedRow("out-folded", foldedCount, foldedValue));
  if (fee !== null && fee > 0) rows.push({ key: "fee", kind: "fee", value: fee, amount: fee, label: texts.fee });
  return rows;
}

function foldedRow(key: string, count: number, value: number): FlowRow {
  return { key, kind: "folded", value, amount: value, label: texts.more(count) };
}

function OutPointName({ txid, vout }: { readonly txid: string | null; readonly vout: number | null }): ReactElement {
  return <PlaceLink place={{ kind: "output", id: `${txid}:${vout}` }}>{`${txid?.slice(0, 6)}…:${vout}`}</PlaceLink>;
}

function ScriptName({ script }: { readonly script: TransactionOutputView["script"] }): ReactElement {
  if (script.address === null) return <span>{scriptTypeName(script.type)}</span>;
  return <AddressLink address={script.address} edgeCount={6} hasNoCopy />;
}

function SpentMark({ output }: { readonly output: FlowOutput }): ReactElement | null {
  const { is_spent: isSpent, spent_by: spender } = output;
  if (isSpent !== true) return null;
  if (spender?.txid == null) {
    return (
      <span className={classes.mark} title={texts.spentSomewhere}>
        {texts.spent}
      </span>
    );
  }
  return (
    <span className={classes.mark} title={texts.spentBy}>
      <PlaceLink place={{ kind: "transaction", id: spender.txid }}>{texts.spent}</PlaceLink>
    </span>
  );
}
