import { type Query, QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { renewQueries } from "./renew-queries.ts";

const isOf =
  (topic: string) =>
  ({ queryKey }: Query) =>
    queryKey[0] === topic;

/** A node whose answers are let go by hand, and a query that looks at it. */
function watched() {
  const queries = new QueryClient({ defaultOptions: { queries: { networkMode: "always", retry: false } } });
  let height = 0;
  const waiting: (() => void)[] = [];
  const ask = () => {
    const answer = height;
    return new Promise<number>((resolve) => waiting.push(() => resolve(answer)));
  };
  const observer = new QueryObserver(queries, { queryKey: ["chain", "tip"], queryFn: ask });
  const unwatch = observer.subscribe(() => {});
  return {
    queries,
    waiting,
    shown: () => observer.getCurrentResult().data,
    mine: () => {
      height++;
    },
    answerAll: async () => {
      for (const go of waiting.splice(0)) go();
      // Through all that is done about an answer.
      await new Promise((resume) => setTimeout(resume, 0));
    },
    close: () => {
      unwatch();
      queries.clear();
    },
  };
}

test("an answer that was under way when the event came is asked for once more", async () => {
  const { queries, waiting, shown, mine, answerAll, close } = watched();
  mine();
  const renewed = renewQueries(queries, isOf("chain"));
  expect(waiting.length).toBe(1);
  await answerAll();
  await renewed;
  expect(shown()).toBe(0);
  expect(waiting.length).toBe(1);
  await answerAll();
  expect(shown()).toBe(1);
  expect(waiting.length).toBe(0);
  close();
});

test("one that was not is asked for once, and those of other topics not at all", async () => {
  const { queries, waiting, shown, mine, answerAll, close } = watched();
  await answerAll();
  mine();
  void renewQueries(queries, isOf("mempool"));
  expect(waiting.length).toBe(0);
  const renewed = renewQueries(queries, isOf("chain"));
  expect(waiting.length).toBe(1);
  await answerAll();
  await renewed;
  expect([shown(), waiting.length]).toEqual([1, 0]);
  close();
});
