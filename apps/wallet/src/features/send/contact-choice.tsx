import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { shortHash } from "@bitfleet/ui/format.ts";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { Contact } from "../../session/session.ts";
import { useOpenState } from "../../session-provider.tsx";
import classes from "./send.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.contacts;
/** From so many on they are looked for rather than looked through. */
const FIND_COUNT = 6;

interface ContactChoiceProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onChoose: (contact: Contact) => void;
}

/** Which of the address book is paid. */
export function ContactChoice({ isOpen, onClose, onChoose }: ContactChoiceProps): ReactElement {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={texts.title} size="small">
      <Choices onChoose={onChoose} />
      <Link to="/contacts" className={classes.link ?? ""}>
        {texts.manage}
      </Link>
    </Dialog>
  );
}

function Choices({ onChoose }: Pick<ContactChoiceProps, "onChoose">): ReactElement {
  const { contacts } = useOpenState();
  const [looked, setLooked] = useState("");
  const word = looked.trim().toLowerCase();
  const found = contacts.filter(({ name, address, note }) =>
    [name, address, note].some((text) => text.toLowerCase().includes(word)),
  );
  if (contacts.length === 0) return <p className={formClasses.note}>{texts.none}</p>;
  return (
    <>
      {contacts.length >= FIND_COUNT && (
        <Field
          label={texts.find}
          type="search"
          data-autofocus
          value={looked}
          onChange={(event) => setLooked(event.target.value)}
        />
      )}
      {found.length === 0 && <p className={formClasses.note}>{texts.noneFound}</p>}
      <ul className={classes.contacts}>
        {found.map((contact) => (
          <li key={contact.id}>
            <button type="button" onClick={() => onChoose(contact)}>
              <strong>{contact.name}</strong>
              <code>{shortHash(contact.address, 10)}</code>
              {contact.note !== "" && <small>{contact.note}</small>}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
