import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { systemRandom } from "../clock.ts";
import { readRunningNetwork } from "../network/running-network.ts";
import {
  adminKeyFileOf,
  bringToPresentForm,
  changeOldKeys,
  clearKeyAmong,
  keysFileOf,
  newKey,
} from "../server/access/admin-key.ts";
import { allowEntryProblem, ROUTE_NAMES } from "../server/access/allow-list.ts";
import { keyNameProblem, parseKeyFile, type StoredKey, storedKeyOf } from "../server/access/key-file.ts";
import { KEY_FILE_LOOK_MS } from "../server/access/key-file-watch.ts";
import { KEY_ROLES, type KeyRole } from "../server/access/key-roles.ts";
import { changeKeys, readKeys } from "../server/access/key-store.ts";
import { parseRate, policyText } from "../server/access/limit-text.ts";

/** `bitfleet keys`: what opens the HTTP API, while the nodes run or not. They see a change before the command ends. */

/** Where the keys are: of the network in a folder, or in a file, as a node of its own has it. */
export interface KeysPlace {
  readonly data: string;
  readonly file?: string;
}

export interface NewKeyOptions extends KeysPlace {
  readonly role: string;
  readonly allow?: readonly string[];
  readonly rate?: string;
  readonly expires?: string;
}

const DAY_MS = 86_400_000;
const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };
/** Ten years: whoever means longer means for good. */
const EXPIRY_MS_MAX = 3653 * DAY_MS;

/** `bitfleet keys add`: prints the new key, this once; what it is, to the error output, so that programs read the key alone. */
export async function addKey(name: string, options: NewKeyOptions): Promise<void> {
  const file = await fileOf(options);
  const nowMs = Date.now();
  const facts = factsOf(name, options, nowMs);
  const key = newKey(systemRandom);
  await changeKeys(file, (text) => {
    const keys = text === undefined ? [] : parseKeyFile(text, file);
    if (keys.some((one) => one.name === name))
      throw new Error(`There is a key "${name}" in ${file} already; choose another name, or revoke that one first.`);
    return [...keys, storedKeyOf(key, facts)];
  });
  await untilNodesLooked(options);
  process.stderr.write(
    `Key "${name}" (${facts.role}), shown this once and kept nowhere; send it in the header X-API-Key:\n`,
  );
  process.stdout.write(`${key}\n`);
}

/** `bitfleet keys list`: everything but the keys themselves. */
export async function listKeys(place: KeysPlace, isForPrograms: boolean): Promise<void> {
  const file = await fileOf(place);
  const keys = readKeys(file) ?? [];
  if (isForPrograms) {
    process.stdout.write(`${JSON.stringify(keys.map(jsonOf), undefined, 2)}\n`);
    return;
  }
  if (keys.length === 0) process.stdout.write(`There are no keys in ${file}.\n`);
  const rows = [["NAME", "ROLE", "CREATED", "EXPIRES", "RATE", "ALLOWED"], ...keys.map(rowOf)];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  if (keys.length > 0)
    for (const row of rows) {
      process.stdout.write(
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join("  ")
          .trimEnd()}\n`,
      );
    }
}

/** `bitfleet keys revoke`. */
export async function revokeKey(name: string, place: KeysPlace): Promise<void> {
  const file = await fileOf(place);
  const clearFile = place.file === undefined ? adminKeyFileOf(place.data) : undefined;
  await changeKeys(file, (text) => {
    const keys = text === undefined ? [] : parseKeyFile(text, file);
    const left = keys.filter((one) => one.name !== name);
    if (left.length === keys.length) throw new Error(`There is no key "${name}" in ${file}${namesText(keys)}.`);
    // It opens nothing any more.
    if (clearFile !== undefined && clearKeyAmong(keys, clearFile) !== clearKeyAmong(left, clearFile))
      rmSync(clearFile, { force: true });
    return left;
  });
  await untilNodesLooked(place);
  process.stdout.write(`Key "${name}" is revoked: nodes that run refuse it from now on.\n`);
}

/** A script that makes a key uses it in its next line: by then nodes that run know it. They may be busy, hence twice the time. */
async function untilNodesLooked({ data, file }: KeysPlace): Promise<void> {
  if (file === undefined && readRunningNetwork(data) === undefined) return;
  await setTimeout(2 * KEY_FILE_LOOK_MS);
}

/** In the present form, whatever version wrote it. Rejects where there is no network. */
async function fileOf({ data, file }: KeysPlace): Promise<string> {
  if (file !== undefined) {
    const path = resolve(file);
    await changeOldKeys(path);
    return path;
  }
  const folder = resolve(data);
  const keysFile = keysFileOf(folder);
  if (!existsSync(keysFile) && !existsSync(join(folder, "miner-0"))) {
    throw new Error(
      `There is no network in ${folder}. Start one with "bitfleet up", name its folder with --data, or a node's file with --file.`,
    );
  }
  await bringToPresentForm(folder);
  return keysFile;
}

function factsOf(name: string, { role, allow, rate, expires }: NewKeyOptions, nowMs: number): Omit<StoredKey, "hash"> {
  const nameProblem = keyNameProblem(name);
  if (nameProblem !== undefined) throw new Error(nameProblem);
  if (!KEY_ROLES.includes(role as KeyRole)) throw new Error(`The role is one of ${KEY_ROLES.join(", ")}.`);
  for (const entry of allow ?? []) {
    const problem = allowEntryProblem(entry);
    if (problem !== undefined) throw new Error(`${problem} Routes are ${ROUTE_NAMES.join(", ")}.`);
  }
  const policy = rate === undefined ? undefined : parseRate(rate);
  if (rate !== undefined && policy === undefined)
    throw new Error(`"${rate}" is no rate: 5/s, or calls at once / calls a second as 100/10, is expected.`);
  const expiresMs = expires === undefined ? undefined : expiryOf(expires, nowMs);
  return {
    name,
    role: role as KeyRole,
    createdMs: nowMs,
    ...(allow && allow.length > 0 && { allow }),
    ...(policy && { rate: policy }),
    ...(expiresMs !== undefined && { expiresMs }),
  };
}

/** `30d`, `12h`, `90m` from now on, or a date. Throws `Error`. */
function expiryOf(text: string, nowMs: number): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const isDate = /^\d{4}-\d\d-\d\d(T|$)/.test(text);
  const atMs = unit === undefined ? (isDate ? Date.parse(text) : Number.NaN) : nowMs + Number(count) * UNITS_MS[unit]!;
  if (Number.isNaN(atMs))
    throw new Error(`"${text}" is no end of a key: 30d, 12h, 90m or a date as 2026-12-31 is expected.`);
  if (atMs <= nowMs) throw new Error(`"${text}" is over already.`);
  if (atMs > nowMs + EXPIRY_MS_MAX)
    throw new Error(`"${text}" is more than ten years away; leave --expires out for a key without an end.`);
  return atMs;
}

function rowOf({ name, role, createdMs, expiresMs, rate, allow }: StoredKey): string[] {
  const isOver = expiresMs !== undefined && expiresMs <= Date.now();
  const end = expiresMs === undefined ? "never" : `${dayOf(expiresMs)}${isOver ? " (over)" : ""}`;
  return [
    name,
    role,
    dayOf(createdMs),
    end,
    rate === undefined ? "default" : policyText(rate),
    allow?.join(", ") ?? "all of its role",
  ];
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

function jsonOf({ name, role, createdMs, expiresMs, rate, allow }: StoredKey) {
  return {
    name,
    role,
    created: new Date(createdMs).toISOString(),
    expires: expiresMs === undefined ? null : new Date(expiresMs).toISOString(),
    rate: rate === undefined ? null : { tokens: rate.capacity, per_second: rate.refillPerSecond },
    allow: allow ?? null,
  };
}

const namesText = (keys: readonly StoredKey[]) =>
  keys.length === 0 ? ", nor any other" : `; there are ${keys.map(({ name }) => name).join(", ")}`;
