import { useEffect, useState } from "react";

/** What is used of a list that comes in pages, as React Query has it. */
interface PagedList {
  readonly hasNextPage: boolean;
  readonly isFetching: boolean;
  readonly fetchNextPage: () => Promise<unknown>;
}

/**
 * For a table's `onEnd`: fetches the next page, once. Where something of the list is being fetched already, as when it is renewed, it comes behind
 * that: the end in view is told of once, and a call that is passed over would leave the list as it is.
 */
export function useNextPage({ hasNextPage, isFetching, fetchNextPage }: PagedList): () => void {
  const [isWanted, setIsWanted] = useState(false);
  useEffect(() => {
    if (!isWanted || isFetching) return;
    setIsWanted(false);
    if (hasNextPage) void fetchNextPage();
  }, [isWanted, isFetching, hasNextPage, fetchNextPage]);
  return () => setIsWanted(true);
}
