import type { Contact } from "../../session/session.ts";
import { texts } from "./texts.ts";

export const NAME_LENGTH_MAX = 80;
export const NOTE_LENGTH_MAX = 500;

export type ContactEntry = Omit<Contact, "id"> & { readonly id?: string | undefined };

/** What is wrong with a contact as it is entered, by field. `addressProblem`: why an address cannot be paid here. */
export function contactProblems(
  entry: ContactEntry,
  others: readonly Contact[],
  addressProblem: (address: string) => string | undefined,
): { readonly name?: string | undefined; readonly address?: string | undefined } {
  const [name, address] = [entry.name.trim(), entry.address.trim()];
  const rest = others.filter(({ id }) => id !== entry.id);
  const isNamed = (one: Contact) => one.name.toLowerCase() === name.toLowerCase();
  const sameAddress = rest.find((one) => one.address === address);
  return {
    name: name === "" ? texts.problems.noName : rest.some(isNamed) ? texts.problems.nameTaken : undefined,
    address:
      address === ""
        ? texts.problems.noAddress
        : sameAddress !== undefined
          ? texts.problems.addressTaken(sameAddress.name)
          : addressProblem(address),
  };
}
