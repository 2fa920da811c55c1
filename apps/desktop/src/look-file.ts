import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "@bitfleet/node/storage/replace-file.ts";

const FILE_NAME = "look.json";
/** There is room for a few choices more than there are. */
const FILE_BYTES_MAX = 1024;

const CHOICES = { theme: ["dark", "light", "auto"], unit: ["BTC", "sats"] } as const;

/** How a person wants the apps to look; what is absent was not chosen. */
export interface Look {
  readonly theme?: (typeof CHOICES.theme)[number];
  readonly unit?: (typeof CHOICES.unit)[number];
}

/** The choices that `value` has, or `undefined` where one of them is none that there is. Names that are not known are left out. */
export function readLook(value: unknown): Look | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  const look: Record<string, unknown> = {};
  for (const [name, choices] of Object.entries(CHOICES)) {
    const choice = given[name];
    if (choice === undefined) continue;
    if (!(choices as readonly unknown[]).includes(choice)) return undefined;
    look[name] = choice;
  }
  return look as Look;
}

/**
 * Remembers theme and unit for both apps: the pages cannot, since their origin is another one with each start. None of it is secret, and the
 * lock screen needs it before the vault is open.
 */
export class LookFile {
  readonly #path: string;
  #look: Look;
  #written: Promise<void> = Promise.resolve();

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, FILE_NAME);
    this.#look = this.#read();
  }

  get look(): Look {
    return this.#look;
  }

  /** Takes over what is chosen in `change`, at once for the next document. Rejects where it cannot be written for the next start. */
  change(change: Look): Promise<void> {
    this.#look = { ...this.#look, ...change };
    // One after the other: the last change is the one that stays.
    const written = this.#written.then(() => replaceFile(this.#path, Buffer.from(`${JSON.stringify(this.#look)}\n`)));
    this.#written = written.catch(() => {});
    return written;
  }

  /** A file that is missing or none of ours is not worth an error: what the system has is shown. */
  #read(): Look {
    try {
      const facts = lstatSync(this.#path);
      if (!facts.isFile() || facts.size > FILE_BYTES_MAX) return {};
      return readLook(JSON.parse(readFileSync(this.#path, "utf8"))) ?? {};
    } catch {
      return {};
    }
  }
}
