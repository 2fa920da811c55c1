import { keysOfJson } from "../parts/device-json.ts";
import type { DeviceKey } from "../parts/device-keys.ts";
import type { Gathered } from "../parts/gather-parts.ts";
import type { PartReader } from "../parts/part-reader.ts";
import type { Promised, WholeContent } from "../parts/read-whole.ts";
import { kindOf } from "./code-kind.ts";
import type { CodeContent } from "./read-code.ts";
import { texts } from "./texts.ts";
import { type Choice, type Taken, takenOf, type Wanted } from "./wanted.ts";

/** What has come of the codes that were looked at. */
export interface Looked {
  /** How far a message of several codes is, where one is being gathered. */
  readonly gathered?: Gathered | undefined;
  readonly problem?: string | undefined;
  /** The problem is a part of another message: whoever means that one has it begun in the place of the first. */
  readonly isForeign?: boolean;
  /** What is to be chosen from. */
  readonly choices?: readonly Choice[] | undefined;
  /** What fits. */
  readonly value?: string | undefined;
}

interface Sources {
  /** What reads codes of several parts, loaded with the first of them. */
  readonly newPartReader: () => Promise<PartReader>;
  readonly nowMs: () => number;
}

/** Looks at one code after the other, in the order in which they come, until one fits or several make what fits. */
export class CodeLook {
  readonly #sources: Sources;
  #reader: PartReader | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Rejects where what reads codes of several parts cannot be loaded. */
  look(content: CodeContent, wanted: Wanted): Promise<Looked> {
    const looking = this.#last.then(() => this.#look(content, wanted));
    this.#last = looking.catch(() => {});
    return looking;
  }

  /** Forgets the parts that are there: the next one begins anew. */
  beginAnew(): void {
    this.#reader?.forget();
  }

  async #look(content: CodeContent, wanted: Wanted): Promise<Looked> {
    if (content.kind === "text" && kindOf(content) === "part") return this.#lookAtPart(content.text.trim(), wanted);
    return this.#told(takenOfContent(content, wanted));
  }

  async #lookAtPart(text: string, wanted: Wanted): Promise<Looked> {
    this.#reader ??= await this.#sources.newPartReader();
    const refused = refusedAtOnce(this.#reader.promised(text), text, wanted);
    if (refused !== undefined) return this.#told({ problem: refused });
    const read = await this.#reader.read(text, this.#sources.nowMs());
    if (read.kind === "more") return { gathered: this.#reader.gathered };
    if (read.kind === "whole") return this.#told(takenOfWhole(read.content, wanted));
    return { ...this.#told({ problem: texts.parts[read.kind] }), isForeign: read.kind === "foreign" };
  }

  #told(taken: Taken): Looked {
    if ("value" in taken || "choices" in taken) return taken;
    return { gathered: this.#reader?.gathered, problem: taken.problem };
  }
}

/** Nobody is to read thirty parts to hear that they are of no use. */
function refusedAtOnce(promised: Promised, text: string, { takeKeys, kinds, what }: Wanted): string | undefined {
  switch (promised) {
    case "any":
      return undefined;
    case "unknown":
      return texts.parts.unknown(/^[^/]{1,40}/u.exec(text)?.[0] ?? "", what);
    case "keys":
      return takeKeys === undefined ? texts.code.otherKind(texts.kinds.watched, what) : undefined;
    default:
      return kinds.includes(promised) ? undefined : texts.code.otherKind(texts.kinds[promised], what);
  }
}

function takenOfWhole(content: WholeContent, wanted: Wanted): Taken {
  switch (content.kind) {
    case "text":
    case "bytes":
      return takenOfContent(content, wanted);
    case "keys":
      return takenOfKeys(content.keys, wanted);
    case "private-key":
      return { problem: texts.code.privateKey };
    case "unknown":
      return { problem: texts.parts.unknown(content.name, wanted.what) };
    case "too-many":
      return { problem: texts.parts["too-many"] };
    case "damaged":
      return { problem: texts.parts.spoilt };
  }
}

function takenOfContent(content: CodeContent, wanted: Wanted): Taken {
  const taken = takenOf(content, wanted);
  // Of a phrase or a private key no more than that is known; and a field may read such files itself.
  if (!("problem" in taken) || content.kind !== "text" || kindOf(content) !== "other") return taken;
  const keys = keysOfJson(content.text);
  return keys === undefined ? taken : takenOfKeys(keys, wanted);
}

function takenOfKeys(keys: readonly DeviceKey[], { takeKeys, what }: Wanted): Taken {
  return takeKeys?.(keys) ?? { problem: texts.code.otherKind(texts.kinds.watched, what) };
}
