import { describe, expect, test } from "vitest";
import { answerSize, readAnswerHead } from "./answer-end.ts";
import { hotRouteOf } from "./hot-routes.ts";
import { READY_ANSWERS_MAX, READY_BYTES_MAX, ReadyAnswers } from "./ready-answers.ts";
import { splitAnswer } from "./split-answer.ts";

/** The size that is told with each prefix of an answer, where one is. */
function sizes(text: string, method: "GET" | "HEAD" = "GET"): number[] {
  const all = Buffer.from(text, "latin1");
  return Array.from({ length: all.length + 1 }, (_, size) => all.subarray(0, size)).flatMap((bytes) => {
    const head = readAnswerHead(bytes);
    return (head && answerSize(bytes, head, method)) ?? [];
  });
}

describe("an answer ends", () => {
  const head = (line: string, status = "200 OK") => `HTTP/1.1 ${status}\r\n${line}\r\n\r\n`;

  test("behind its length, and is not there before", () => {
    const text = `${head("content-length: 3")}abc`;
    expect(sizes(text)).toEqual([text.length]);
    expect(sizes(`${text}next`)).toEqual(Array(5).fill(text.length));
    expect(readAnswerHead(Buffer.from(text))).toMatchObject({
      status: 200,
      headers: new Map([["content-length", "3"]]),
    });
  });

  test("behind its last chunk", () => {
    const text = `${head("Transfer-Encoding: chunked")}a\r\n0123456789\r\n2\r\n\r\n\r\n0\r\n\r\n`;
    expect(sizes(text)).toEqual([text.length]);
  });

  test("behind its head where it has no body", () => {
    expect(sizes(head("content-length: 3"), "HEAD")).toEqual([head("content-length: 3").length]);
    expect(sizes(head("etag: a", "304 Not Modified"))).toHaveLength(1);
  });

  test("with the connection where nothing is said", () => {
    expect(sizes(`${head("etag: a")}abc`)).toEqual([]);
  });
});

describe("ready answers", () => {
  const answer = (size: number, askedMs = 0) => {
    return { route: "block", before: Buffer.alloc(size), after: undefined, version: 0, askedMs };
  };

  test("are so many at most: the oldest goes", () => {
    const answers = new ReadyAnswers();
    for (let at = 0; at < READY_ANSWERS_MAX; at++) answers.put(String(at), answer(1));
    expect(answers.get("0")).toBeDefined();
    answers.put("more", answer(1));
    expect(answers.get("0")).toBeUndefined();
    expect(answers.get("1")).toBeDefined();
    expect(answers.count).toBe(READY_ANSWERS_MAX);
  });

  test("are so large at most", () => {
    const answers = new ReadyAnswers();
    answers.put("a", answer(READY_BYTES_MAX / 2));
    answers.put("b", answer(READY_BYTES_MAX / 2));
    expect(answers.count).toBe(2);
    answers.put("c", answer(1));
    expect(answers.get("a")).toBeUndefined();
    expect(answers.sizeBytes).toBe(READY_BYTES_MAX / 2 + 1);
    answers.put("c", answer(3));
    expect(answers.sizeBytes).toBe(READY_BYTES_MAX / 2 + 3);
  });

  test("go when they are old", () => {
    const answers = new ReadyAnswers();
    for (const askedMs of [1, 2, 3]) answers.put(String(askedMs), answer(1, askedMs));
    answers.expire(3);
    expect([answers.count, answers.get("3")?.askedMs]).toEqual([1, 3]);
  });
});

describe("an answer is split where headers of the gate stand", () => {
  const parts = (text: string, names: readonly string[]) => {
    const bytes = Buffer.from(text);
    return splitAnswer(bytes, readAnswerHead(bytes)!.sizeBytes, names).map((part) => part?.toString());
  };

  test("which are taken out", () => {
    const text = "HTTP/1.1 200 OK\r\na: 1\r\nX-Own: 2\r\nb: 3\r\nown: 4\r\n\r\nbody";
    expect(parts(text, ["own", "x-own"])).toEqual(["HTTP/1.1 200 OK\r\na: 1\r\n", "b: 3\r\n\r\nbody"]);
    expect(parts(text, [])).toEqual([text, undefined]);
    expect(parts(text, ["other"])).toEqual([text.slice(0, text.indexOf("\r\n\r\n") + 2), "\r\nbody"]);
  });
});

describe("a hot route", () => {
  test("is known by its path, whatever the query", () => {
    expect(hotRouteOf("/api/v1/blockchain")).toEqual({ name: "blockchain", keptWhile: "node" });
    expect(hotRouteOf("/api/v1/blockchain/blocks/5")?.name).toBe("block");
    expect(hotRouteOf("/api/v1/blockchain/blocks/latest?limit=2")?.name).toBe("latestBlocks");
  });

  test.each([
    ...["/", "/api/v1/blockchain/", "/api/v1", "/api/admin/blockchain", "/api/v1/blockchain/blocks", "/health"],
    ...[
      "/api/v1/blockchain/blocks/5/transactions",
      "/api/v1/mining",
      "/x/api/v1/blockchain",
      "/api/v1/blockchain/blocks/",
    ],
  ])("is not %s", (path) => {
    expect(hotRouteOf(path)).toBeUndefined();
  });
});
