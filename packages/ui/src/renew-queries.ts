import type { Query, QueryClient } from "@tanstack/react-query";

/**
 * Has the answers that are meant asked for anew. One that is on its way already is waited for, and asked for once more: the node may have
 * made it before what the event tells of. It is not called off, since events may come faster than answers.
 */
export async function renewQueries(queries: QueryClient, isMeant: (query: Query) => boolean): Promise<void> {
  const cache = queries.getQueryCache();
  const underWay = cache.findAll({ predicate: isMeant, type: "active", fetchStatus: "fetching" });
  await queries.invalidateQueries({ predicate: isMeant }, { cancelRefetch: false });
  for (const { queryKey } of underWay)
    void queries.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false });
}
