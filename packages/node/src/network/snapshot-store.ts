import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SnapshotTransaction } from "../revert-order.ts";
import { NetworkFault, type SnapshotView } from "../server/network-control.ts";
import { makeDirectory } from "../storage/make-directory.ts";

/** The snapshots of a network: a file each, in its folder. */

const FOLDER = "snapshots";
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Names that were given by counting. */
const NUMBER = /^[1-9][0-9]{0,8}$/;
export const SNAPSHOTS_MAX = 100;

/** What a network was like at one moment: its nodes agreed. */
export interface Snapshot {
  readonly name: string;
  /** RFC 3339. */
  readonly time: string;
  /** Of the tip. */
  readonly hash: string;
  readonly height: number;
  /** What any node had in its mempool, parents before children. */
  readonly transactions: readonly SnapshotTransaction[];
  /** The mocked times of the nodes, by name, in seconds since 1970; of those alone that had one. */
  readonly mockTimes: Readonly<Record<string, number>>;
}

export const viewOf = ({ name, hash, height, transactions, time }: Snapshot): SnapshotView => ({
  name,
  hash,
  height,
  transactions: transactions.length,
  time,
});

/** The snapshots in `folder`, the oldest first. */
export function readSnapshots(folder: string): readonly Snapshot[] {
  return namesIn(folder)
    .flatMap((name) => readIfThere(folder, name) ?? [])
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** Throws {@link NetworkFault} where there is none of that name, or its file is damaged. */
export function readSnapshot(folder: string, name: string): Snapshot {
  const snapshot = NAME.test(name) ? readIfThere(folder, name) : undefined;
  if (snapshot !== undefined) return snapshot;
  const names = readSnapshots(folder).map((one) => one.name);
  const known = names.length === 0 ? "none was taken yet" : `there are ${names.join(", ")}`;
  throw new NetworkFault("unknown", `There is no snapshot '${name.slice(0, 64)}'; ${known}.`);
}

/** A name that may be written: the one that is wanted, or the next number. Makes room. Throws {@link NetworkFault}. */
export function nameForNew(folder: string, wanted: string | undefined): string {
  if (wanted !== undefined && !NAME.test(wanted)) {
    const form = "letters, digits, '.', '_' and '-', 64 at most, a letter or digit first";
    throw new NetworkFault("value", `'${wanted.slice(0, 64)}' is no name for a snapshot: ${form}.`);
  }
  const names = namesIn(folder);
  const last = Math.max(0, ...names.filter((name) => NUMBER.test(name)).map(Number));
  const name = wanted ?? String(last + 1);
  if (!names.includes(name) && names.length >= SNAPSHOTS_MAX) makeRoom(folder);
  return name;
}

/** Of those that nobody gave a name the oldest goes. */
function makeRoom(folder: string): void {
  const oldest = readSnapshots(folder).find(({ name }) => NUMBER.test(name));
  if (oldest === undefined) {
    throw new NetworkFault("conflict", `There are ${SNAPSHOTS_MAX} snapshots, and no more are kept: remove one first.`);
  }
  removeSnapshotFile(folder, oldest.name);
}

export function writeSnapshot(folder: string, snapshot: Snapshot): void {
  makeDirectory(join(folder, FOLDER));
  const file = fileOf(folder, snapshot.name);
  writeFileSync(`${file}.new`, `${JSON.stringify(snapshot)}\n`);
  renameSync(`${file}.new`, file);
}

/** Whoever names it is told by {@link readSnapshot} where there is none. */
export function removeSnapshotFile(folder: string, name: string): void {
  rmSync(fileOf(folder, name), { force: true });
}

const fileOf = (folder: string, name: string) => join(folder, FOLDER, `${name}.json`);

function namesIn(folder: string): readonly string[] {
  try {
    const files = readdirSync(join(folder, FOLDER));
    return files.flatMap((file) => (file.endsWith(".json") ? file.slice(0, -".json".length) : [])).filter(isName);
  } catch {
    return [];
  }
}

const isName = (name: string) => NAME.test(name);

function readIfThere(folder: string, name: string): Snapshot | undefined {
  let text: string;
  try {
    text = readFileSync(fileOf(folder, name), "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as Snapshot;
  } catch {
    throw new NetworkFault("conflict", `Snapshot '${name}' is damaged; remove it and take it anew.`);
  }
}
