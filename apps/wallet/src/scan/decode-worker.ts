import { type CodeContent, type Effort, readCode } from "./read-code.ts";
import type { Pixels } from "./views.ts";

/** Looks at pictures beside the page, which goes on meanwhile. */

export interface DecodeRequest {
  readonly id: number;
  readonly pixels: Pixels;
  readonly effort: Effort;
}

export interface DecodeAnswer {
  readonly id: number;
  readonly content: CodeContent | undefined;
}

addEventListener("message", ({ data }: MessageEvent<DecodeRequest>) => {
  const answer: DecodeAnswer = { id: data.id, content: readCode(data.pixels, data.effort, data.id) };
  postMessage(answer);
});
