import type { WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";
import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { useNowSeconds } from "@bitfleet/ui/clock.ts";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { useTransactionPlace } from "@bitfleet/ui/node-queries.ts";
import { AddressLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import { LoadingRows } from "@bitfleet/ui/states.tsx";
import { type ReactElement, useState } from "react";
import { Net } from "./history-panel.tsx";
import { useTransaction } from "./queries.ts";
import { SpeedPanel } from "./speed-panel.tsx";
import { standingOf } from "./standing.ts";
import { texts as allTexts } from "./texts.ts";
import classes from "./transaction-dialog.module.css";
import { TransactionSteps } from "./transaction-steps.tsx";
import { WalletError } from "./wallet-error.tsx";

const texts = allTexts.transaction;
/** Nodes pass transactions on after some seconds, at random. */
const RELAY_MS = 30_000;

interface TransactionDialogProps {
  readonly info: WalletInfo;
  /** `undefined` where none is looked at. */
  readonly txid: string | undefined;
  /** Another one is to be looked at, or none. */
  readonly onShow: (txid: string | undefined) => void;
}

/** One transaction of a wallet: how far it has come, live, and what can be done about it. */
export function TransactionDialog({ info, txid, onShow }: TransactionDialogProps): ReactElement {
  return (
    <Dialog isOpen={txid !== undefined} onClose={() => onShow(undefined)} title={texts.title} side="right">
      {txid !== undefined && <Content key={txid} info={info} txid={txid} onShow={onShow} />}
    </Dialog>
  );
}

function Content({ info, txid, onShow }: TransactionDialogProps & { readonly txid: string }): ReactElement {
  const { data: transaction, error, refetch } = useTransaction(info.name, txid);
  const isWaiting = transaction !== undefined && standingOf(transaction) === "waiting";
  const place = useTransactionPlace(txid, isWaiting);
  const isKnownToNode = place === undefined ? undefined : place !== null;
  const isMissing = useIsLate() && isKnownToNode === false;
  if (transaction === undefined) {
    if (error !== null) return <WalletError error={error} onRetry={() => void refetch()} />;
    return <LoadingRows count={4} height={64} label={texts.loading} />;
  }
  return (
    <div className={formClasses.parts}>
      <TransactionSteps transaction={transaction} isKnownToNode={isKnownToNode} isMissing={isMissing} />
      <dl className={formClasses.facts}>
        <div>
          <dt>{texts.net}</dt>
          <dd>
            <strong>
              <Net row={transaction} />
            </strong>
          </dd>
        </div>
        {transaction.fee !== null && (
          <div>
            <dt>{texts.fee}</dt>
            <dd>
              <Amount sats={BigInt(transaction.fee)} />
            </dd>
          </div>
        )}
        <div>
          <dt>{texts.txid}</dt>
          <dd>
            <TransactionLink txid={txid} />
          </dd>
        </div>
        <div>
          <dt>{texts.when}</dt>
          <dd>
            <Age unixSeconds={transaction.time} />
          </dd>
        </div>
        {transaction.replaced_by !== null && <ReplacedBy txid={transaction.replaced_by} onShow={onShow} />}
      </dl>
      <Movements transaction={transaction} />
      {isWaiting && (
        <SpeedPanel
          info={info}
          transaction={transaction}
          isKnown={isKnownToNode}
          isMissing={isMissing}
          onReplaced={onShow}
        />
      )}
    </div>
  );
}

/** Whether a transaction that was to be had by now has had the time to come from the wallet's node to this server's. */
function useIsLate(): boolean {
  const [startMs] = useState(Date.now);
  return useNowSeconds() * 1000 - startMs > RELAY_MS;
}

function ReplacedBy({ txid, onShow }: { readonly txid: string; readonly onShow: (txid: string) => void }) {
  return (
    <div>
      <dt>{texts.replacedBy}</dt>
      <dd>
        <button type="button" className={classes.link} onClick={() => onShow(txid)}>
          {txid}
        </button>
      </dd>
    </div>
  );
}

function Movements({ transaction: { movements } }: { readonly transaction: WalletTransaction }): ReactElement {
  return (
    <section className={classes.movements} aria-label={texts.payments}>
      <h3>{texts.payments}</h3>
      <ul>
        {movements.map((movement) => (
          <li key={`${movement.category}-${movement.vout}`}>
            <span className={classes.party}>
              <small>
                {texts.categories[movement.category]} {movement.label}
              </small>
              {movement.address === null ? allTexts.history.noAddress : <AddressLink address={movement.address} />}
            </span>
            <Amount sats={BigInt(movement.amount)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
