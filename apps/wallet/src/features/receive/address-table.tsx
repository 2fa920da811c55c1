import { Amount } from "@bitfleet/ui/amount.tsx";
import { Badge } from "@bitfleet/ui/badge.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Hash } from "@bitfleet/ui/hash.tsx";
import iconButton from "@bitfleet/ui/icon-button.module.css";
import { QrIcon } from "@bitfleet/ui/icons.tsx";
import classes from "@bitfleet/ui/payment/address-list.module.css";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { type ReactElement, useMemo, useState } from "react";
import { ExplorerLink, type ExplorerPages, useExplorerPages } from "../../explorer/explorer-link.tsx";
import { LabelEditor } from "../../money/label-editor.tsx";
import type { Account, AddressView } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { texts } from "./texts.ts";

interface AddressTableProps {
  readonly addresses: readonly AddressView[];
  readonly onShow: (view: AddressView) => void;
}

const LISTS = ["given", "change"] as const;
type ListName = (typeof LISTS)[number];

/** Addresses that were given out, and what came to each; and apart from them those for change, which are shown to nobody as something to pay to. */
export function AddressTable({ addresses, onShow }: AddressTableProps): ReactElement {
  const account = useAccount();
  const change = useMemo(() => account.changeAddresses(), [account]);
  const [chosen, setChosen] = useState<ListName>("given");
  // Who watches one address has none for change.
  const list = change.length === 0 ? "given" : chosen;
  const pages = useExplorerPages();
  const columns = useMemo(
    () => columnsOf(account, list === "given" ? onShow : undefined, pages),
    [account, list, onShow, pages],
  );
  const words = texts.lists[list];
  return (
    <section className={classes.list} aria-label={words.title}>
      <header>
        <h2>{words.title}</h2>
        {change.length > 0 && (
          <Choice
            label={texts.which}
            options={LISTS.map((value) => ({ value, title: texts.lists[value].name }))}
            value={list}
            onChoose={setChosen}
          />
        )}
      </header>
      {list === "change" && <p className={formClasses.note}>{texts.lists.change.about}</p>}
      <DataTable
        label={words.label}
        rows={list === "given" ? addresses : change}
        columns={columns}
        rowKey={({ address }) => address}
        empty={texts.none}
      />
    </section>
  );
}

/** Without `onShow` they are for change. */
function columnsOf(
  account: Account,
  onShow: ((view: AddressView) => void) | undefined,
  pages: ExplorerPages | undefined,
): readonly Column<AddressView>[] {
  const words = texts.lists[onShow === undefined ? "change" : "given"];
  return [
    {
      id: "address",
      title: texts.columns.address,
      cell: (view) => (
        <span className={classes.named}>
          <Hash value={view.address} label={texts.copyAddress} edgeCount={10} />
          {onShow === undefined ? (
            <Badge>{texts.change}</Badge>
          ) : (
            <button
              type="button"
              className={iconButton.button}
              aria-label={texts.show(view.address)}
              title={texts.show(view.address)}
              onClick={() => onShow(view)}
            >
              <QrIcon />
            </button>
          )}
          <ExplorerLink pages={pages} kind="address" id={view.address} />
        </span>
      ),
    },
    {
      id: "label",
      title: texts.columns.label,
      cell: ({ address, label }) => (
        <LabelEditor label={label} of={address} onSave={(next) => account.labelAddress(address, next)} />
      ),
      sortBy: ({ label }) => label,
    },
    {
      id: "state",
      title: texts.columns.state,
      width: 110,
      cell: ({ isUsed }) => <Badge tone={isUsed ? "good" : "plain"}>{isUsed ? words.used : texts.unused}</Badge>,
      sortBy: ({ isUsed }) => Number(isUsed),
    },
    {
      id: "received",
      title: texts.columns.received,
      width: 200,
      align: "end",
      cell: ({ received }) => <Amount sats={received} />,
      sortBy: ({ received }) => Number(received),
    },
  ];
}
