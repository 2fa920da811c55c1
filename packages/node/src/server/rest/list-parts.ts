import { ApiError } from "@bitfleet/api/errors.ts";
import type { Page } from "@bitfleet/api/schema.ts";

/** How lists are given in parts: pages by number, and cursors. */

export function pageOf<Item>(
  items: Item[],
  page: number,
  limit: number,
  total: number,
): Page<Item> & { items: Item[] } {
  const pages = Math.ceil(total / limit);
  return { items, page, limit, total, total_pages: pages, has_next: page + 1 < pages, has_prev: page > 0 };
}

/** For a cursor that its list did not give. */
export function refuseCursor(): never {
  throw new ApiError(400, "The cursor is none of this list: take next_cursor of the part before.");
}
