import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { PageHead } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { formatDateTime, shortHash } from "@bitfleet/ui/format.ts";
import { DownloadIcon } from "@bitfleet/ui/icons.tsx";
import cardClasses from "@bitfleet/ui/payment/entry-card.module.css";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useDeferredValue, useMemo } from "react";
import { Delta } from "../../money/delta.tsx";
import { DirectionIcon } from "../../money/entry-line.tsx";
import { entryName } from "../../money/entry-name.ts";
import moneyClasses from "../../money/money.module.css";
import { Reachability } from "../../money/reachability.tsx";
import { StandingBadge } from "../../money/standing-badge.tsx";
import type { HistoryEntry } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { findEntries, SHOWN_KINDS } from "./find-entries.ts";
import classes from "./history.module.css";
import type { HistorySearch } from "./history-search.ts";
import { texts } from "./texts.ts";

/** All transactions of the account, the newest first. */
export function HistoryScreen(): ReactElement {
  const account = useAccount();
  const navigate = useNavigate();
  const { show = "all", find = "" } = useSearch({ strict: false }) as HistorySearch;
  // What is typed shows at once, and the list when there is time.
  const looked = useDeferredValue(find);
  const history = useMemo(() => account.history(), [account]);
  const rows = useMemo(() => findEntries(history, show, looked), [history, show, looked]);
  const look = (search: HistorySearch) => {
    const { show: kind, find: text } = { show, find, ...search };
    void navigate({
      to: "/history",
      search: { ...(kind !== "all" && { show: kind }), ...(text !== "" && { find: text }) },
      replace: true,
      resetScroll: false,
    });
  };
  const save = () => {
    const day = formatDateTime(Date.now() / 1000).slice(0, 10);
    saveFile(texts.csvName(fileNameOf(account.name), day), account.historyCsv(), "text/csv;charset=utf-8");
  };
  return (
    <>
      <PageHead
        title={texts.title}
        actions={
          <Button variant="default" leftSection={<DownloadIcon />} disabled={history.length === 0} onClick={save}>
            {texts.csv}
          </Button>
        }
      >
        {texts.about}
      </PageHead>
      <div className={moneyClasses.parts}>
        <Reachability />
        <DataTable
          label={texts.label}
          rows={rows}
          columns={COLUMNS}
          rowKey={({ txid }) => txid}
          name="wallet-history"
          rowHeight={48}
          onOpen={({ txid }) => void navigate({ to: "/tx/$txid", params: { txid } })}
          empty={history.length === 0 ? texts.empty : texts.noneFound}
          card={(entry) => <EntryCard entry={entry} />}
          tools={
            <div className={classes.tools}>
              <Choice
                label={texts.show}
                options={SHOWN_KINDS.map((value) => ({ value, title: texts.kinds[value] }))}
                value={show}
                onChoose={(kind) => look({ show: kind })}
              />
              <Field
                label={texts.find}
                className={classes.find}
                type="search"
                placeholder={texts.findHint}
                value={find}
                onChange={(event) => look({ find: event.target.value })}
              />
            </div>
          }
        />
      </div>
    </>
  );
}

const COLUMNS: readonly Column<HistoryEntry>[] = [
  {
    id: "what",
    title: texts.columns.what,
    cell: (entry) => (
      <span className={classes.what}>
        <DirectionIcon direction={entry.direction} />
        <span>{entryName(entry)}</span>
      </span>
    ),
    sortBy: entryName,
  },
  {
    id: "standing",
    title: texts.columns.standing,
    width: 192,
    cell: (entry) => <StandingBadge entry={entry} />,
    sortBy: ({ confirmations }) => confirmations,
  },
  {
    id: "amount",
    title: texts.columns.amount,
    width: 196,
    align: "end",
    cell: (entry) => <Delta entry={entry} />,
    sortBy: ({ delta }) => Number(delta),
  },
  {
    id: "fee",
    title: texts.columns.fee,
    width: 150,
    align: "end",
    isHiddenAtFirst: true,
    cell: ({ fee }) => fee !== undefined && <Amount sats={fee} />,
    sortBy: ({ fee }) => Number(fee ?? -1n),
  },
  {
    id: "time",
    title: texts.columns.time,
    width: 132,
    align: "end",
    cell: ({ time }) => <Age unixSeconds={time} />,
    sortBy: ({ time }) => time,
  },
  {
    id: "txid",
    title: texts.columns.txid,
    width: 130,
    isHiddenAtFirst: true,
    cell: ({ txid }) => (
      <code className={classes.txid} title={txid}>
        {shortHash(txid, 5)}
      </code>
    ),
  },
];

function EntryCard({ entry }: { readonly entry: HistoryEntry }): ReactElement {
  return (
    <div className={cardClasses.card}>
      <span>{entryName(entry)}</span>
      <Delta entry={entry} />
      <StandingBadge entry={entry} />
      <small>
        <Age unixSeconds={entry.time} />
      </small>
    </div>
  );
}

/** Letters and digits of a name, for that of a file. */
function fileNameOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "account";
}
