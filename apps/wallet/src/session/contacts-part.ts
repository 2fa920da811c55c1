import type { Session } from "./session.ts";
import type { SessionCore } from "./session-core.ts";
import { withContact, withoutContact } from "./wallet-book.ts";

/** The part of a session that knows whom its owner pays. */
export function contactsPart(core: SessionCore): Pick<Session, "contacts" | "saveContact" | "removeContact"> {
  return {
    contacts: () => core.opened?.stored.contacts ?? [],

    async saveContact(contact) {
      const id = contact.id ?? core.newId();
      const change = await core.change(({ stored }) => withContact(stored, { ...contact, id }));
      core.refreshActive();
      return change.contact;
    },

    async removeContact(id) {
      await core.change(({ stored }) => withoutContact(stored, id));
      core.refreshActive();
    },
  };
}
