import { describe, expect, test } from "vitest";
import { type Answer, answerComplaint } from "./answer-test-kit.ts";

/** What holds the answers of all tests to the document can itself fail. */

const TIP = { height: 1, hash: "00".repeat(32), branch_length: 0, status: "active" };
const envelope = (data: unknown) =>
  JSON.stringify({ success: true, data, error: null, timestamp: "2026-01-01T00:00:00.000Z" });
const refused = JSON.stringify({ success: false, data: null, error: "No.", timestamp: "2026-01-01T00:00:00.000Z" });

const good: Answer = {
  method: "GET",
  route: "/api/v1/blockchain/tips",
  path: "/api/v1/blockchain/tips",
  status: 200,
  headers: { "content-type": "application/json; charset=utf-8", etag: "x", "cache-control": "no-cache" },
  body: envelope([TIP]),
};
const complaintOf = (change: Partial<Answer>) => answerComplaint({ ...good, ...change });

describe("an answer", () => {
  test("that is as described is let be", () => {
    expect(complaintOf({})).toBeUndefined();
    expect(complaintOf({ status: 304, body: "" })).toBeUndefined();
    expect(complaintOf({ status: 503, body: refused })).toBeUndefined();
    expect(complaintOf({ route: undefined, path: "/api/nothing", status: 404, body: refused })).toBeUndefined();
    expect(complaintOf({ route: undefined, path: "/blocks/5", status: 200, body: "<html>" })).toBeUndefined();
  });

  test.each([
    ["a status that is not described", { status: 418, body: refused }, "does not have this status"],
    ["a field that is not described", { body: envelope([{ ...TIP, more: 1 }]) }, "additional properties"],
    ["a field that is missing", { body: envelope([{ ...TIP, hash: undefined }]) }, "required property 'hash'"],
    ["a field of another type", { body: envelope([{ ...TIP, height: "1" }]) }, "must be integer"],
    ["an envelope with a field more", { body: envelope([]).replace("{", '{"more":1,') }, "additional properties"],
    ["success with a failing status", { status: 503 }, "must be equal to constant"],
    ["failure with a good status", { body: refused }, "must be equal to constant"],
    ["no JSON", { body: "{" }, "no JSON"],
    ["another type", { headers: { ...good.headers, "content-type": "text/html" } }, "the type text/html"],
    ["no ETag", { headers: { ...good.headers, etag: undefined } }, "ETag is missing"],
    ["a body with 304", { status: 304 }, "a body where there is to be none"],
    ["a route that is not described", { route: "/api/v1/secret" }, "no such operation"],
    ["success where there is no route", { route: undefined, path: "/api/x" }, "must fail"],
    ["an unknown path without envelope", { route: undefined, path: "/api/x", status: 404, body: "{}" }, "required"],
  ] as const)("is complained of: %s", (_what, change, words) => {
    expect(complaintOf(change)).toContain(words);
  });
});
