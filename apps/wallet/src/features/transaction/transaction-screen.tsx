import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card, PageHead } from "@bitfleet/ui/card.tsx";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount, formatMoment } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { SearchIcon } from "@bitfleet/ui/icons.tsx";
import { Feerate, VirtualSize } from "@bitfleet/ui/quantities.tsx";
import { Message } from "@bitfleet/ui/states.tsx";
import type { ProofStanding } from "@bitfleet/wallet/self-custody/confirmation-proofs.ts";
import { Button } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { ExplorerLink, useExplorerPages } from "../../explorer/explorer-link.tsx";
import { ConfirmationSteps } from "../../money/confirmation-steps.tsx";
import { Delta } from "../../money/delta.tsx";
import { entryName } from "../../money/entry-name.ts";
import { LabelEditor } from "../../money/label-editor.tsx";
import moneyClasses from "../../money/money.module.css";
import { PartsFlow } from "../../money/parts-flow.tsx";
import { Fact } from "../../money/payment-preview.tsx";
import { Reachability } from "../../money/reachability.tsx";
import { StandingBadge, standingLook } from "../../money/standing-badge.tsx";
import type { TransactionDetail } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { AbandonCard } from "./abandon-card.tsx";
import { SpeedCard } from "./speed-card.tsx";
import { TakeBackCard } from "./take-back-card.tsx";
import { texts } from "./texts.ts";
import classes from "./transaction.module.css";

/** All that is known of a transaction, live, and what can be done about it. */
export function TransactionScreen(): ReactElement {
  const { txid = "" } = useParams({ strict: false }) as { readonly txid?: string };
  const transaction = useAccount().transaction(txid);
  if (transaction === undefined) {
    return (
      <Message
        level={1}
        title={texts.missingTitle}
        icon={<SearchIcon />}
        action={
          <Button component={Link} to="/history" variant="default">
            {texts.toHistory}
          </Button>
        }
      >
        {texts.missing}
      </Message>
    );
  }
  // Another transaction is looked at anew: nothing entered for the last one stays.
  return <Shown key={txid} transaction={transaction} />;
}

function Shown({ transaction }: { readonly transaction: TransactionDetail }): ReactElement {
  const { inputs, outputs, proof, standing } = transaction;
  const pages = useExplorerPages();
  return (
    <>
      <PageHead title={<span className={classes.title}>{entryName(transaction)}</span>}>
        <span className={classes.sub}>
          <StandingBadge entry={transaction} /> <Age unixSeconds={transaction.time} />
        </span>
      </PageHead>
      <div className={moneyClasses.parts}>
        <Reachability />
        <div className={formClasses.columns}>
          <Card title={texts.progress}>
            <ConfirmationSteps entry={transaction} />
            {standing === "confirmed" && <p className={formClasses.note}>{standingLook(transaction).why}</p>}
            {proof !== undefined && <ProofNote standing={proof} />}
          </Card>
          <Facts transaction={transaction} />
        </div>
        {transaction.canBump && transaction.direction === "out" ? (
          <div className={formClasses.columns}>
            <SpeedCard transaction={transaction} />
            <TakeBackCard transaction={transaction} />
          </div>
        ) : (
          <SpeedCard transaction={transaction} />
        )}
        {canAbandon(transaction) && <AbandonCard transaction={transaction} />}
        <Card title={texts.parts}>
          <PartsFlow inputs={inputs} outputs={outputs} pages={pages} />
        </Card>
        <HexCard hex={transaction.hex} />
      </div>
    </>
  );
}

/** What was paid from here, and is with nobody else now. What others paid is theirs to give up. */
function canAbandon({ standing, isTaken, direction }: TransactionDetail): boolean {
  return (
    ((standing === "unsent" && !isTaken) || standing === "reorged") && (direction === "out" || direction === "self")
  );
}

function Facts({ transaction }: { readonly transaction: TransactionDetail }): ReactElement {
  const account = useAccount();
  const pages = useExplorerPages();
  const { txid, fee, feerateSatPerKvb, virtualSize, blockHash, height, label, replacedBy, replaces, time } =
    transaction;
  return (
    <Card title={texts.facts}>
      <dl className={formClasses.facts}>
        <Fact name={texts.changes}>
          <strong>
            <Delta entry={transaction} />
          </strong>
        </Fact>
        {fee !== undefined && (
          <Fact name={texts.fee}>
            <Amount sats={fee} />
          </Fact>
        )}
        {feerateSatPerKvb !== undefined && (
          <Fact name={texts.rate}>
            <Feerate satPerVbyte={Number(feerateSatPerKvb) / 1000} />
          </Fact>
        )}
        <Fact name={texts.size}>
          <VirtualSize vbytes={virtualSize} />
        </Fact>
        <Fact name={texts.when}>{formatMoment(time)}</Fact>
        <Fact name={texts.label}>
          <LabelEditor label={label} of={txid} onSave={(next) => account.labelTransaction(txid, next)} />
        </Fact>
        <Fact name={texts.txid}>
          <Hash value={txid} label="txid" />
          <ExplorerLink pages={pages} kind="tx" id={txid} />
        </Fact>
        {blockHash !== undefined && (
          <Fact name={`${texts.block}${height === undefined ? "" : ` ${formatCount(height)}`}`}>
            <Hash value={blockHash} label="block hash" />
            <ExplorerLink pages={pages} kind="block" id={blockHash} />
          </Fact>
        )}
        {replacedBy !== undefined && <Other name={texts.replacedBy} txid={replacedBy} />}
        {replaces !== undefined && <Other name={texts.replaces} txid={replaces} />}
      </dl>
    </Card>
  );
}

/** What was found of its block, and what that means. */
function ProofNote({ standing }: { readonly standing: ProofStanding }): ReactElement {
  const { word, why } = texts.proofs[standing];
  return (
    <p className={formClasses.note} data-testid="proof" data-standing={standing}>
      <strong>{word}</strong> {why} {standing === "broken" && <Link to="/settings">{texts.toNetworks}</Link>}
    </p>
  );
}

function Other({ name, txid }: { readonly name: string; readonly txid: string }): ReactElement {
  return (
    <Fact name={name}>
      <Hash
        value={txid}
        label="txid"
        link={(text) => (
          <Link to="/tx/$txid" params={{ txid }}>
            {text}
          </Link>
        )}
      />
    </Fact>
  );
}

function HexCard({ hex }: { readonly hex: string }): ReactElement {
  return (
    <details className={classes.hex}>
      <summary>{texts.hex}</summary>
      <div>
        <code>{hex}</code>
        <CopyButton text={hex} label={texts.copyHex} />
      </div>
    </details>
  );
}
