import { afterEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { BODY_COMMAS_MAX, BODY_DEPTH_MAX, isSimpleJson } from "./json-bodies.ts";
import { createWebApp } from "./web-app.ts";
import { WebState } from "./web-state.ts";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const items = (commas: number) => `[1${",1".repeat(commas)}]`;

describe("a body", () => {
  test("may have so many levels and commas, and not one more", () => {
    expect([isSimpleJson(nested(BODY_DEPTH_MAX)), isSimpleJson(nested(BODY_DEPTH_MAX + 1))]).toEqual([true, false]);
    expect(isSimpleJson('{"a":'.repeat(BODY_DEPTH_MAX))).toBe(true);
    expect(isSimpleJson('{"a":'.repeat(BODY_DEPTH_MAX + 1))).toBe(false);
    expect([isSimpleJson(items(BODY_COMMAS_MAX)), isSimpleJson(items(BODY_COMMAS_MAX + 1))]).toEqual([true, false]);
  });

  test("has levels one behind the other as often as it likes", () => {
    expect(isSimpleJson(`[${"[],".repeat(5000)}[]]`)).toBe(true);
  });

  const many = "[,".repeat(BODY_COMMAS_MAX);
  test.each([
    ["counts nothing within a string", JSON.stringify([many]), true],
    ["ends a string at its quote", `["a",${many}`, false],
    ["does not end one at a quote behind a backslash", `["\\"${many}"]`, true],
    ["ends one at a quote behind two", `["\\\\"${many}"`, false],
    ["does not end one at a quote behind three", `["\\\\\\"${many}"]`, true],
    ["may have a string without an end, which the parser refuses", `["${many}`, true],
    ["may be nothing", "", true],
  ])("%s", (_, text, isSimple) => {
    expect(isSimpleJson(text)).toBe(isSimple);
  });
});

describe("a call", () => {
  let close = async () => {};
  afterEach(() => close());

  test.each([
    ["/api/v1/transactions/test", nested(800_000), 400, /^The body has more levels or items/],
    ["/api/v1/transactions/test", items(700_000), 400, /^The body has more levels or items/],
    ["/api/v1/transactions/test", nested(3), 400, /must be a JSON object/],
    ["/api/v1/transactions/test", '{"__proto__":{}}', 400, /no valid JSON/],
  ])("of %s with a body of brackets is refused", async (url, payload, status, text) => {
    const clock = new SystemClock();
    const events = new EventStream({}, { clock });
    const app = await createWebApp({ version: "1" }, { clock, log: new MemoryLog(), state: new WebState(), events });
    close = () => app.close();
    const headers = { "content-type": "application/json" };
    const answer = await app.inject({ method: "POST", url, payload, headers });
    expect([answer.statusCode, answer.json().error]).toEqual([status, expect.stringMatching(text)]);
  });
});
