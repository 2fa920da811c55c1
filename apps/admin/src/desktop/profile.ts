import type { KeyRole } from "@bitfleet/ui/keys/key-store.ts";
import { parseNodeAddress } from "@bitfleet/ui/node-address.ts";
import type { RecordValue } from "@bitfleet/vault/vault.ts";

/** By which a network is told from the others at a glance. */
export const PROFILE_COLOURS = ["orange", "blue", "green", "violet", "red", "teal"] as const;
export type ProfileColour = (typeof PROFILE_COLOURS)[number];

export const KEY_ROLES: readonly KeyRole[] = ["admin", "wallet", "reading"];
export type ProfileKeys = Readonly<Record<KeyRole, string>>;
export const NO_KEYS: ProfileKeys = { admin: "", wallet: "", reading: "" };

export const PROFILES_MAX = 100;
export const NAME_LENGTH_MAX = 60;
const KEY_LENGTH_MAX = 1024;

/** A network that is remembered: where it is, and the keys that open it. */
export interface Profile {
  readonly id: string;
  readonly name: string;
  /** Origin of one of its web servers. */
  readonly url: string;
  readonly colour: ProfileColour;
  readonly keys: ProfileKeys;
}

/** Without what it gets when it is saved. */
export type ProfileDraft = Omit<Profile, "id">;

/** Where profiles are among the vault's records: `profile:<id>` of `networks`. */
export const PROFILE_PREFIX = "profile:";

/** As a record; `order` is its place in the list. */
export function profileRecord(profile: Profile, order: number): RecordValue {
  const { name, url, colour, keys } = profile;
  return { name, url, colour, keys: { ...keys }, order };
}

/** A profile with its place in the list, from a record; `undefined` where it is none. */
export function readProfile(
  key: string,
  value: unknown,
): { readonly profile: Profile; readonly order: number } | undefined {
  const draft = readDraft(value);
  if (draft === undefined || !key.startsWith(PROFILE_PREFIX)) return undefined;
  const { order } = value as { readonly order?: unknown };
  const profile = { id: key.slice(PROFILE_PREFIX.length), ...draft };
  return { profile, order: typeof order === "number" ? order : Number.MAX_SAFE_INTEGER };
}

function readDraft(value: unknown): ProfileDraft | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, url, colour, keys } = value as Readonly<Record<string, unknown>>;
  const origin = typeof url === "string" ? originOf(url) : undefined;
  if (typeof name !== "string" || name.trim() === "" || origin === undefined) return undefined;
  return {
    name: name.trim().slice(0, NAME_LENGTH_MAX),
    url: origin,
    colour: PROFILE_COLOURS.find((one) => one === colour) ?? PROFILE_COLOURS[0],
    keys: readKeys(keys),
  };
}

/** The origin that was meant; `undefined` where it is none. */
export function originOf(text: string): string | undefined {
  return parseNodeAddress(text, "") || undefined;
}

/** Whether it can be sent in a header. */
export const isKeyText = (text: string): boolean => text.length <= KEY_LENGTH_MAX && /^[\x21-\x7e]*$/.test(text);

function readKeys(keys: unknown): ProfileKeys {
  const given = (typeof keys === "object" && keys !== null ? keys : {}) as Readonly<Record<string, unknown>>;
  const keyOf = (role: KeyRole) => {
    const key = given[role];
    return typeof key === "string" && isKeyText(key) ? key : "";
  };
  return { admin: keyOf("admin"), wallet: keyOf("wallet"), reading: keyOf("reading") };
}

/** Of a file of networks; another number would be of another program, or of a later version of this. */
const FILE_FORMAT = "bitfleet-networks";
const FILE_VERSION = 1;
const FILE_LENGTH_MAX = 1_000_000;

/** The networks as a file for others: names, addresses and colours. Keys stay here. */
export function profilesAsJson(profiles: readonly Profile[]): string {
  const networks = profiles.map(({ name, url, colour }) => ({ name, url, colour }));
  return `${JSON.stringify({ format: FILE_FORMAT, version: FILE_VERSION, networks }, undefined, 2)}\n`;
}

/** The networks of such a file, or why it is none. */
export function profilesFromJson(text: string): readonly ProfileDraft[] | { readonly error: string } {
  if (text.length > FILE_LENGTH_MAX) return { error: NOT_A_FILE };
  const { format, version, networks } = (parsed(text) ?? {}) as Readonly<Record<string, unknown>>;
  if (format !== FILE_FORMAT || !Array.isArray(networks)) return { error: NOT_A_FILE };
  if (version !== FILE_VERSION) return { error: TOO_NEW };
  const drafts = networks.map(readDraft);
  const bad = drafts.indexOf(undefined);
  if (bad >= 0) {
    return { error: `Network ${bad + 1} of the file has no name, or no address as http://10.0.0.5:8080: correct it.` };
  }
  // A file may have been written by hand, with keys in it: they are taken in by nobody's leave.
  return (drafts as ProfileDraft[]).map((draft) => ({ ...draft, keys: NO_KEYS }));
}

const NOT_A_FILE = "This is no file of networks. Choose one that was exported here.";
const TOO_NEW =
  "The file was made by another version of this program. Export it again with this one, or update this one.";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A colour that none of the others has, while there is one. */
export function freeColour(profiles: readonly Pick<Profile, "colour">[]): ProfileColour {
  const countOf = (colour: ProfileColour) => profiles.filter((one) => one.colour === colour).length;
  return PROFILE_COLOURS.reduce((best, one) => (countOf(one) < countOf(best) ? one : best));
}

/** "Local", "Local 2", "Local 3" … */
export function freeName(name: string, profiles: readonly Pick<Profile, "name">[]): string {
  const taken = new Set(profiles.map((one) => one.name));
  if (!taken.has(name)) return name;
  const base = name.replace(/ \d+$/, "").slice(0, NAME_LENGTH_MAX - 4);
  for (let number = 2; ; number++) if (!taken.has(`${base} ${number}`)) return `${base} ${number}`;
}

/** Whether what is shown of both is the same. */
export function isSamePlace(a: Profile, b: Profile): boolean {
  return a.url === b.url && KEY_ROLES.every((role) => a.keys[role] === b.keys[role]);
}

/** The network that comes first: the last one, or where the program was told to look, the one there. None where that is still to be added. */
export function firstShown(profiles: readonly Profile[], lastId: string | undefined, namedUrl: string | undefined) {
  const last = profiles.find(({ id }) => id === lastId) ?? profiles[0];
  if (namedUrl === undefined || last?.url === namedUrl) return last;
  return profiles.find((one) => one.url === namedUrl);
}
