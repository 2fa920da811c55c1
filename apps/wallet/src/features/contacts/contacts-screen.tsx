import { Badge } from "@bitfleet/ui/badge.tsx";
import { PageHead } from "@bitfleet/ui/card.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { PersonIcon, PlusIcon } from "@bitfleet/ui/icons.tsx";
import { Message } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import type { Contact } from "../../session/session.ts";
import { useAccount, useOpenState } from "../../session-provider.tsx";
import { ContactForm } from "./contact-form.tsx";
import type { ContactEntry } from "./contact-problems.ts";
import classes from "./contacts.module.css";
import { texts } from "./texts.ts";

const BLANK: ContactEntry = { name: "", address: "", note: "" };

/** The address book. */
export function ContactsScreen(): ReactElement {
  const { contacts } = useOpenState();
  const [edited, setEdited] = useState<ContactEntry>();
  return (
    <>
      <PageHead
        title={texts.title}
        actions={
          <Button leftSection={<PlusIcon />} onClick={() => setEdited(BLANK)}>
            {texts.add}
          </Button>
        }
      >
        {texts.about}
      </PageHead>
      {contacts.length === 0 ? (
        <Message title={texts.emptyTitle} icon={<PersonIcon size={34} />}>
          {texts.empty}
        </Message>
      ) : (
        <ContactTable contacts={contacts} onEdit={setEdited} />
      )}
      <Dialog
        isOpen={edited !== undefined}
        onClose={() => setEdited(undefined)}
        title={edited?.id === undefined ? texts.form.newTitle : texts.form.editTitle}
        size="small"
      >
        {edited !== undefined && <ContactForm contact={edited} onDone={() => setEdited(undefined)} />}
      </Dialog>
    </>
  );
}

interface ContactTableProps {
  readonly contacts: readonly Contact[];
  readonly onEdit: (contact: Contact) => void;
}

function ContactTable({ contacts, onEdit }: ContactTableProps): ReactElement {
  const account = useAccount();
  const [looked, setLooked] = useState("");
  const word = looked.trim().toLowerCase();
  const rows = useMemo(
    () =>
      contacts
        .filter(({ name, address, note }) => [name, address, note].some((text) => text.toLowerCase().includes(word)))
        .toSorted((a, b) => a.name.localeCompare(b.name)),
    [contacts, word],
  );
  const columns = useMemo(
    () => columnsOf((address) => account.addressProblem(address) !== undefined, onEdit),
    [account, onEdit],
  );
  return (
    <DataTable
      label={texts.label}
      rows={rows}
      columns={columns}
      rowKey={({ id }) => id}
      rowHeight={46}
      empty={texts.noneFound}
      tools={
        <Field
          label={texts.find}
          className={classes.find}
          type="search"
          value={looked}
          onChange={(event) => setLooked(event.target.value)}
        />
      }
    />
  );
}

function columnsOf(
  isElsewhere: (address: string) => boolean,
  onEdit: (contact: Contact) => void,
): readonly Column<Contact>[] {
  return [
    {
      id: "name",
      title: texts.columns.name,
      width: 220,
      cell: ({ name }) => <strong className={classes.cut}>{name}</strong>,
      sortBy: ({ name }) => name.toLowerCase(),
    },
    {
      id: "address",
      title: texts.columns.address,
      width: 310,
      cell: ({ address }) => <Hash value={address} label={texts.addressLabel} edgeCount={10} />,
    },
    {
      id: "note",
      title: texts.columns.note,
      cell: ({ note }) => (
        <span className={classes.cut} title={note}>
          {note}
        </span>
      ),
    },
    {
      id: "actions",
      title: texts.columns.actions,
      width: 236,
      align: "end",
      cell: (contact) => {
        const { name, address } = contact;
        return (
          <span className={classes.actions}>
            {isElsewhere(address) ? (
              <Badge>{texts.elsewhere}</Badge>
            ) : (
              <Link to="/send" search={{ to: address }} aria-label={texts.payOf(name)}>
                {texts.pay}
              </Link>
            )}
            <Link to="/history" search={{ find: address }} aria-label={texts.paymentsOf(name)}>
              {texts.payments}
            </Link>
            <button type="button" aria-label={texts.editOf(name)} onClick={() => onEdit(contact)}>
              {texts.edit}
            </button>
          </span>
        );
      },
    },
  ];
}
