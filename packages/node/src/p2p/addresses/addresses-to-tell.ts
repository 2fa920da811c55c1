import type { GossipAddress } from "@bitfleet/protocol/wire/network-address.ts";
import type { AddressManager, AddressQuery } from "./address-manager.ts";
import type { BanList } from "./ban-list.ts";

export interface AddressesToTellDependencies {
  readonly addresses: Pick<AddressManager, "getAddresses">;
  readonly bans: Pick<BanList, "isBanned" | "isDiscouraged">;
}

/** Random addresses for whoever asks, peer or operator. Those that we shut out count towards the limits and are left out. */
export function addressesToTell(
  query: AddressQuery,
  { addresses, bans }: AddressesToTellDependencies,
): readonly GossipAddress[] {
  return addresses.getAddresses(query).filter(({ address }) => !bans.isBanned(address) && !bans.isDiscouraged(address));
}
