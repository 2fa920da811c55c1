import { InfiniteQueryObserver, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, expect, test } from "vitest";
import { answersTogether, pageAnswers } from "./page-answers.ts";

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** What is on screen asks for these. */
async function shown(...asked: readonly (readonly [key: readonly unknown[], data: unknown])[]) {
  const queries = new QueryClient();
  endings.push(() => queries.clear());
  for (const [queryKey, data] of asked) {
    queries.setQueryData(queryKey, data);
    endings.push(new QueryObserver(queries, { queryKey, staleTime: Number.POSITIVE_INFINITY }).subscribe(() => {}));
  }
  return queries;
}

test("answers in use are listed by what was asked, without how", async () => {
  const queries = await shown(
    [["mempool", "summary"], { count: 3 }],
    [["chain", "block", "00ab"], { height: 5 }],
    [["health"], { status: "healthy" }],
    [["peers", "list", true], [{ id: 1 }]],
  );
  expect(pageAnswers(queries).map(({ name, value }) => [name, value])).toEqual([
    ["block 00ab", { height: 5 }],
    ["health", { status: "healthy" }],
    ["list", [{ id: 1 }]],
    ["summary", { count: 3 }],
  ]);
});

test("answers of pages that were left, and such as are not there, are none of them", async () => {
  const queries = await shown([["chain", "network"], null]);
  queries.setQueryData(["chain", "block", "old"], { height: 1 });
  expect(pageAnswers(queries)).toEqual([]);
});

test("a list that came in parts is whole", async () => {
  const queries = new QueryClient();
  const observer = new InfiniteQueryObserver(queries, {
    queryKey: ["block-transactions"],
    queryFn: async ({ pageParam }) => ({ items: [pageParam, pageParam + 1], next_cursor: null }),
    initialPageParam: 1,
    getNextPageParam: (_last, all) => (all.length < 2 ? 3 : undefined),
  });
  endings.push(observer.subscribe(() => {}));
  await observer.refetch();
  await observer.fetchNextPage();
  expect(pageAnswers(queries)[0]?.value).toEqual([1, 2, 3, 4]);
});

test("what pages make of answers for themselves is JSON again", async () => {
  const queries = await shown([["a"], { map: new Map([["x", new Set([1])]]), none: undefined, big: 5n }]);
  expect(pageAnswers(queries)[0]?.value).toEqual({ map: { x: [1] }, big: 5n });
});

test("all together each has a name of its own", () => {
  const answer = (name: string, value: number) => ({ id: String(value), name, value });
  expect(answersTogether([answer("block", 1), answer("block", 2), answer("tips", 3)])).toEqual({
    block: 1,
    "block (2)": 2,
    tips: 3,
  });
});
