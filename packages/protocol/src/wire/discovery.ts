import { type Reader, Writer } from "../bytes/cursor.ts";
import { type MessageCodec, readItems, TooManyItemsError } from "./codec.ts";
import {
  type AddressEncoding,
  GOSSIP_ADDRESS_SIZE_MIN,
  type GossipAddress,
  readGossipAddress,
  writeGossipAddress,
} from "./network-address.ts";

/** Addresses in one message; more are misbehaviour. */
export const ADDRESSES_MAX = 1000;

/** `addr`: IPv4, IPv6 and mapped older networks. `addrv2`: BIP155; entries of networks we do not know are left out. */
export interface AddressesMessage {
  readonly type: "addr" | "addrv2";
  readonly addresses: readonly GossipAddress[];
  /** Entries as sent, those left out included. Not looked at on sending. */
  readonly count: number;
}

/** Bytes that the longest entry takes which may be passed on: BIP155 with an address of 512 bytes. */
const ENTRY_SIZE_MAX = 4 + 9 + 1 + 3 + 512 + 2;

/** The codec of `addr` or `addrv2`. More than {@link ADDRESSES_MAX} entries throw {@link TooManyItemsError}. */
export function addressesCodec<Type extends AddressesMessage["type"]>(
  type: Type,
): MessageCodec<AddressesMessage & { readonly type: Type }> {
  const encoding: AddressEncoding = type === "addrv2" ? "v2" : "v1";
  return {
    payloadSizeMax: 3 + ADDRESSES_MAX * (encoding === "v1" ? GOSSIP_ADDRESS_SIZE_MIN.v1 : ENTRY_SIZE_MAX),
    decode(reader: Reader) {
      const count = reader.count(GOSSIP_ADDRESS_SIZE_MIN[encoding]);
      if (count > ADDRESSES_MAX) {
        throw new TooManyItemsError(type, count, `${type} message size = ${count}`, "misbehaving", 0);
      }
      const entries = readItems(reader, count, () => readGossipAddress(reader, encoding));
      return { type, addresses: entries.filter((entry) => entry !== undefined), count };
    },
    encode({ addresses }) {
      const writer = new Writer().compactSize(addresses.length);
      for (const entry of addresses) writeGossipAddress(writer, entry, encoding);
      return writer.finish();
    },
  };
}
