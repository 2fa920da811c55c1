import { rm } from "node:fs/promises";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { GossipAddress } from "@bitfleet/protocol/wire/network-address.ts";
import type { Logger } from "../../ports.ts";
import { readIfThere, replaceFile } from "../../storage/replace-file.ts";
import { CheckedFileError, seal, unseal, verifyChecksum } from "./checked-file.ts";
import type { PeersFileOptions } from "./peers-file.ts";
import { readStoredAddress, writeStoredAddress } from "./stored-address.ts";

/** Smallest encoding of an address. */
const ADDRESS_SIZE_MIN = 13;

/** Block-relay peers of the last run. The file is gone afterwards: after a crash that they caused they are not tried again. */
export async function takeAnchors({ path, magic }: PeersFileOptions, log: Logger): Promise<readonly GossipAddress[]> {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return [];
  await rm(path, { force: true });
  try {
    const reader = new Reader(unseal(magic, bytes));
    const anchors: GossipAddress[] = [];
    for (let left = reader.count(ADDRESS_SIZE_MIN); left > 0; left--) anchors.push(readStoredAddress(reader));
    reader.end();
    verifyChecksum(bytes);
    log.info(`Loaded ${anchors.length} addresses from "anchors.dat"`);
    return anchors;
  } catch (error) {
    if (error instanceof CheckedFileError || error instanceof DecodeError) return [];
    throw error;
  }
}

export async function saveAnchors(
  { path, magic }: PeersFileOptions,
  anchors: readonly GossipAddress[],
  log: Logger,
): Promise<void> {
  log.info(`DumpAnchors: Flush ${anchors.length} outbound block-relay-only peer addresses to anchors.dat started`);
  const writer = new Writer(64);
  writer.compactSize(anchors.length);
  for (const anchor of anchors) writeStoredAddress(writer, anchor);
  await replaceFile(path, seal(magic, writer.toBytes()));
  log.info(
    `DumpAnchors: Flush ${anchors.length} outbound block-relay-only peer addresses to anchors.dat completed (0.00s)`,
  );
}
