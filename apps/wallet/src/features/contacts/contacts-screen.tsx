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
  const parts = useMemo(
    (): ContactParts => ({ isElsewhere: (address) => account.addressProblem(address) !== undefined, onEdit }),
    [account, onEdit],
  );
  const columns = useMemo(() => columnsOf(parts), [parts]);
  return (
    <DataTable
      label={texts.label}
      rows={rows}
      columns={columns}
      rowKey={({ id }) => id}
      rowHeight={46}
      empty={texts.noneFound}
      card={(contact) => <ContactCard contact={contact} parts={parts} />}
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

interface ContactParts {
  readonly isElsewhere: (address: string) => boolean;
  readonly onEdit: (contact: Contact) => void;
}

interface ContactProps {
  readonly contact: Contact;
  readonly parts: ContactParts;
}

function columnsOf(parts: ContactParts): readonly Column<Contact>[] {
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
      width: 340,
      cell: (contact) => <Address contact={contact} parts={parts} />,
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
      cell: (contact) => <Actions contact={contact} parts={parts} />,
    },
  ];
}

function Address({ contact: { address }, parts: { isElsewhere } }: ContactProps): ReactElement {
  return (
    <span className={classes.address}>
      <Hash value={address} label={texts.addressLabel} edgeCount={10} />
      {isElsewhere(address) && <Badge>{texts.elsewhere}</Badge>}
    </span>
  );
}

function Actions({ contact, parts: { isElsewhere, onEdit } }: ContactProps): ReactElement {
  const { name, address } = contact;
  return (
    <span className={classes.actions}>
      {!isElsewhere(address) && (
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
}

/** A contact on a phone. */
function ContactCard({ contact, parts }: ContactProps): ReactElement {
  return (
    <div className={classes.card}>
      <strong>{contact.name}</strong>
      <Address contact={contact} parts={parts} />
      {contact.note !== "" && <span className={classes.note}>{contact.note}</span>}
      <Actions contact={contact} parts={parts} />
    </div>
  );
}
