import { expect, test } from "vitest";
import { type Decoder, DecoderStuck } from "./decoder.ts";
import type { CodeContent } from "./read-code.ts";
import { readFrames } from "./read-frames.ts";

const VIDEO = {} as HTMLVideoElement;
const CODE: CodeContent = { kind: "text", text: "a code" };
const frame = () => ({ width: 1, height: 1, data: new Uint8ClampedArray(4) });

/** What is told of a camera whose frames are looked at with these answers, one after the other. */
function told(answers: readonly (CodeContent | Error)[]): unknown[] {
  const all: unknown[] = [];
  const left = [...answers];
  const decode: Decoder["decode"] = async () => {
    const answer = left.shift();
    if (answer instanceof Error) throw answer;
    if (answer === undefined) end();
    return answer;
  };
  const onFailure = (error: unknown) => all.push(error);
  const onContent = (content: CodeContent) => all.push(content);
  const end = readFrames(VIDEO, { decode, close: () => {} }, { onContent, onFailure, frame });
  return all;
}

test("a worker that was stuck is told of, and the next frames are looked at", async () => {
  const stuck = new DecoderStuck();
  const all = told([stuck, stuck, CODE]);
  await expect.poll(() => all).toEqual([stuck, stuck, CODE]);
});

test("where no worker can work, that is told once", async () => {
  const fault = new Error("the worker failed");
  const [all, other] = [told([fault, CODE]), told([CODE, CODE])];
  await expect.poll(() => other).toEqual([CODE, CODE]);
  expect(all).toEqual([fault]);
});
