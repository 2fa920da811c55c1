import type { ModelEntry } from "./reference-entry.ts";
import type { ModelReject } from "./reference-rules.ts";

/** What the reference says. */

export type ModelEvent = { readonly type: "added" | "removed"; readonly why: string; readonly id: string };

export interface ModelAccepted {
  readonly entry: ModelEntry;
  readonly replaced: readonly ModelEntry[];
  readonly paidBy: readonly ModelEntry[];
  readonly evictsSibling: boolean;
}

export type ModelResult = ModelAccepted | ModelReject;
export const isRefused = (result: object): result is ModelReject => "reason" in result;

export interface ModelPackageResult {
  readonly results: readonly (ModelResult | undefined)[];
  readonly packageReject: ModelReject | undefined;
}
