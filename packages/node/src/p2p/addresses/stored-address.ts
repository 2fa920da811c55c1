import type { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import {
  type GossipAddress,
  readEndpoint,
  UNSPECIFIED_ENDPOINT,
  writeEndpoint,
} from "@bitfleet/protocol/wire/network-address.ts";

/** Marks addresses in BIP155's form; the low bits once told which program wrote the file. */
const VERSION_V2 = 1 << 29;
const VERSION_WRITTEN = VERSION_V2 | 220_000;
const VERSION_IGNORED = 0x7ffff;

/** An address as peers.dat and anchors.dat have it. */
export function readStoredAddress(reader: Reader): GossipAddress {
  const version = reader.uint32() & ~VERSION_IGNORED;
  if (version !== 0 && version !== VERSION_V2) reader.fail("Unsupported CAddress disk format version");
  const timeSeconds = reader.uint32();
  const isV2 = version === VERSION_V2;
  const services = isV2 ? reader.compactSizeUnbounded() : reader.uint64();
  const { address, port } = readEndpoint(reader, isV2 ? "v2" : "v1") ?? UNSPECIFIED_ENDPOINT;
  return { address: { network: address.network, bytes: address.bytes.slice() }, port, services, timeSeconds };
}

export function writeStoredAddress(writer: Writer, address: GossipAddress): void {
  writer.uint32(VERSION_WRITTEN).uint32(address.timeSeconds).compactSize(address.services);
  writeEndpoint(writer, address, "v2");
}
