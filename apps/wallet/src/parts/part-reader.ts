import { type Added, type Gathered, PartsGatherer, partType } from "./gather-parts.ts";
import { type Promised, promisedBy, readWhole, type WholeContent } from "./read-whole.ts";

/** What came of a code: what the message holds once it is whole. */
export type PartRead = Exclude<Added, { kind: "whole" }> | { readonly kind: "whole"; readonly content: WholeContent };

/** Reads messages of several codes, or of one in the same form. */
export class PartReader {
  readonly #gatherer = new PartsGatherer();

  /** How far the message that is being gathered is. */
  get gathered(): Gathered | undefined {
    return this.#gatherer.gathered;
  }

  /** What the message will be, by any of its codes. */
  promised(text: string): Promised {
    return promisedBy(partType(text));
  }

  /** `nowMs`: of any clock that goes on. */
  async read(text: string, nowMs: number): Promise<PartRead> {
    const added = this.#gatherer.add(text, nowMs);
    return added.kind === "whole" ? { kind: "whole", content: await readWhole(added.whole) } : added;
  }

  /** The next one begins anew. */
  forget(): void {
    this.#gatherer.forget();
  }
}
