import type { WalletAddressLine } from "@bitfleet/api/rest/wallets.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Badge } from "@bitfleet/ui/badge.tsx";
import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import iconButton from "@bitfleet/ui/icon-button.module.css";
import { QrIcon } from "@bitfleet/ui/icons.tsx";
import { Pager } from "@bitfleet/ui/pager.tsx";
import listClasses from "@bitfleet/ui/payment/address-list.module.css";
import { AddressLink } from "@bitfleet/ui/places.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useMemo, useState } from "react";
import { useAddresses, useLabelAddress } from "./queries.ts";
import classes from "./receive-panel.module.css";
import { texts as allTexts } from "./texts.ts";
import { WalletError } from "./wallet-error.tsx";

const texts = allTexts.receive;

interface AddressListProps {
  readonly name: string;
  /** Its QR code is wanted. */
  readonly onShow: (address: string) => void;
}

/** The addresses that a wallet has given out, with what each is for. */
export function AddressList({ name, onShow }: AddressListProps): ReactElement {
  const [page, setPage] = useState(1);
  const [edited, setEdited] = useState<WalletAddressLine>();
  const addresses = useAddresses(name, page);
  const columns = useMemo(() => columnsOf(onShow, setEdited), [onShow]);
  if (addresses.data === undefined && addresses.error !== null) {
    return <WalletError error={addresses.error} onRetry={() => void addresses.refetch()} />;
  }
  return (
    <section className={listClasses.list} aria-label={texts.listTitle}>
      <h2>{texts.listTitle}</h2>
      <DataTable
        label={texts.listLabel}
        rows={addresses.data?.items}
        columns={columns}
        rowKey={({ address }) => address}
        empty={texts.none}
      />
      <Pager page={page} pageCount={addresses.data?.total_pages ?? 1} label={texts.listLabel} onPage={setPage} />
      <Dialog isOpen={edited !== undefined} onClose={() => setEdited(undefined)} title={texts.editTitle} size="small">
        {edited !== undefined && <LabelForm name={name} line={edited} onDone={() => setEdited(undefined)} />}
      </Dialog>
    </section>
  );
}

function columnsOf(
  onShow: (address: string) => void,
  onEdit: (line: WalletAddressLine) => void,
): readonly Column<WalletAddressLine>[] {
  return [
    {
      id: "address",
      title: texts.columns.address,
      cell: ({ address }) => (
        <span className={listClasses.named}>
          <AddressLink address={address} />
          <button
            type="button"
            className={iconButton.button}
            aria-label={texts.showQr(address)}
            title={texts.showQr(address)}
            onClick={() => onShow(address)}
          >
            <QrIcon />
          </button>
        </span>
      ),
    },
    {
      id: "label",
      title: texts.columns.label,
      cell: (line) => (
        <button
          type="button"
          className={classes.label}
          data-empty={line.label === ""}
          title={texts.edit(line.address)}
          onClick={() => onEdit(line)}
        >
          {line.label || texts.noLabel}
        </button>
      ),
    },
    {
      id: "used",
      title: texts.columns.used,
      width: 110,
      cell: ({ is_used }) => <Badge tone={is_used ? "good" : "plain"}>{is_used ? texts.used : texts.unused}</Badge>,
    },
    {
      id: "balance",
      title: texts.columns.balance,
      width: 210,
      align: "end",
      cell: ({ balance }) => <Amount sats={BigInt(balance)} />,
    },
  ];
}

function LabelForm({
  name: wallet,
  line: { address, label: old },
  onDone,
}: {
  readonly name: string;
  readonly line: WalletAddressLine;
  readonly onDone: () => void;
}): ReactElement {
  const [label, setLabel] = useState(old);
  const save = useLabelAddress();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { wallet, address, label: label.trim() },
      {
        onSuccess: () => {
          toast.good(texts.saved);
          onDone();
        },
        onError: (error) => toast.failure(texts.saveFailed, error),
      },
    );
  };
  return (
    <form className={formClasses.form} onSubmit={submit}>
      <p className={formClasses.note}>
        <code>{address}</code>
      </p>
      <Field
        label={texts.label}
        data-autofocus
        maxLength={200}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <DialogButtons>
        <Button type="submit" loading={save.isPending}>
          {texts.save}
        </Button>
      </DialogButtons>
    </form>
  );
}
