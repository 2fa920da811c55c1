import type { ApiRole } from "@bitfleet/api/rest/route.ts";

/** What a key may do: read (`public`), also what is for wallets, also what changes the node. Each role holds those before it. */
export type KeyRole = "public" | ApiRole;

/** The least first. */
export const KEY_ROLES: readonly KeyRole[] = ["public", "wallet", "admin"];

/** Whether a key of role `given` may do what is for `needed`. */
export function holdsRole(given: KeyRole, needed: KeyRole): boolean {
  return KEY_ROLES.indexOf(given) >= KEY_ROLES.indexOf(needed);
}

/** `an admin key`, `a wallet or admin key`, `a key`: what is needed for something of that role. */
export function neededKeyText(role: KeyRole): string {
  if (role === "admin") return "an admin key";
  return role === "wallet" ? "a wallet or admin key" : "a key";
}
