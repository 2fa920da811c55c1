import { Amount } from "@bitfleet/ui/amount.tsx";
import { Badge } from "@bitfleet/ui/badge.tsx";
import { Hash } from "@bitfleet/ui/hash.tsx";
import iconButton from "@bitfleet/ui/icon-button.module.css";
import { QrIcon } from "@bitfleet/ui/icons.tsx";
import classes from "@bitfleet/ui/payment/address-list.module.css";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { type ReactElement, useMemo } from "react";
import { LabelEditor } from "../../money/label-editor.tsx";
import type { Account, AddressView } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { texts } from "./texts.ts";

interface AddressTableProps {
  readonly addresses: readonly AddressView[];
  readonly onShow: (view: AddressView) => void;
}

/** Addresses that were given out, and what came to each. */
export function AddressTable({ addresses, onShow }: AddressTableProps): ReactElement {
  const account = useAccount();
  const columns = useMemo(() => columnsOf(account, onShow), [account, onShow]);
  return (
    <section className={classes.list} aria-label={texts.listTitle}>
      <h2>{texts.listTitle}</h2>
      <DataTable
        label={texts.listLabel}
        rows={addresses}
        columns={columns}
        rowKey={({ address }) => address}
        empty={texts.none}
      />
    </section>
  );
}

function columnsOf(account: Account, onShow: (view: AddressView) => void): readonly Column<AddressView>[] {
  return [
    {
      id: "address",
      title: texts.columns.address,
      cell: (view) => (
        <span className={classes.named}>
          <Hash value={view.address} label={texts.copyAddress} edgeCount={10} />
          <button
            type="button"
            className={iconButton.button}
            aria-label={texts.show(view.address)}
            title={texts.show(view.address)}
            onClick={() => onShow(view)}
          >
            <QrIcon />
          </button>
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
      cell: ({ isUsed }) => <Badge tone={isUsed ? "good" : "plain"}>{isUsed ? texts.used : texts.unused}</Badge>,
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
