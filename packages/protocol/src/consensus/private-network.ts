import { equalBytes } from "../bytes/bytes.ts";
import { type Network, networkByName } from "./networks.ts";

/** Regtest, and a signet that is not the public one: coins there are worth nothing to anybody else, and the nodes are of one owner. */
export function isPrivateNetwork({ name, magic }: Pick<Network, "name" | "magic">): boolean {
  if (name !== "signet") return name === "regtest";
  return !equalBytes(magic, networkByName("signet")!.magic);
}
