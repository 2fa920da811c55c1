import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { COLLECTIONS, type Collection } from "./vault.ts";

export const TOKEN_SIZE = 16;
const NAME_LENGTH_MAX = 32;

interface Sum {
  count: number;
  readonly tokens: Uint8Array;
}

/**
 * Of each collection how many rows there are, and the tokens of all of them added up without carry. Each row hides a random token, a new
 * one with every write: rows that are lost, put back as they were before, or added make another sum, and without the tokens nobody
 * finds rows whose loss would not show. A vault as a whole that is put back as it was is not noticed.
 */
export class RowTally {
  readonly #sums = new Map<Collection, Sum>(COLLECTIONS.map((name) => [name, newSum()]));

  add(collection: Collection, token: Uint8Array): void {
    this.#change(collection, token, 1);
  }

  remove(collection: Collection, token: Uint8Array): void {
    this.#change(collection, token, -1);
  }

  #change(collection: Collection, token: Uint8Array, by: 1 | -1): void {
    const sum = this.#sums.get(collection)!;
    sum.count += by;
    for (let index = 0; index < TOKEN_SIZE; index++) sum.tokens[index]! ^= token[index]!;
  }

  copy(): RowTally {
    const copy = new RowTally();
    for (const [name, { count, tokens }] of this.#sums) copy.#sums.set(name, { count, tokens: tokens.slice() });
    return copy;
  }

  write(writer: Writer): Writer {
    writer.compactSize(this.#sums.size);
    for (const [name, { count, tokens }] of this.#sums) {
      writer.compactBytes(new TextEncoder().encode(name)).uint32(count).bytes(tokens);
    }
    return writer;
  }

  /** Throws `DecodeError`, also where it knows a collection that this program does not. */
  static read(reader: Reader): RowTally {
    const tally = new RowTally();
    for (let left = reader.count(1 + TOKEN_SIZE); left > 0; left--) {
      const name = new TextDecoder().decode(reader.compactBytes(NAME_LENGTH_MAX)) as Collection;
      if (!tally.#sums.has(name)) reader.fail(`no collection is called '${name}'`);
      tally.#sums.set(name, { count: reader.uint32(), tokens: reader.bytes(TOKEN_SIZE).slice() });
    }
    return tally;
  }

  /** What `found` lacks, or has in place of what was written, as part of a sentence; `undefined` where nothing. */
  difference(found: RowTally): string | undefined {
    const parts = [...this.#sums].flatMap(([name, sum]) => differenceOf(name, sum, found.#sums.get(name)!));
    return parts.length === 0 ? undefined : parts.join(", ");
  }
}

function newSum(): Sum {
  return { count: 0, tokens: new Uint8Array(TOKEN_SIZE) };
}

function differenceOf(name: Collection, written: Sum, found: Sum): string[] {
  if (found.count < written.count) return [`${written.count - found.count} of ${written.count} ${name} cannot be read`];
  if (found.count > written.count) return [`there are ${found.count} ${name}, and ${written.count} were written`];
  return equalBytes(written.tokens, found.tokens) ? [] : [`some of ${written.count} ${name} are not as they were last`];
}

/** A random token. */
export function newToken(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(TOKEN_SIZE));
}
