import type { EventName } from "@bitfleet/api/events.ts";

/** The events after which what a page shows of the chain is out of date. The opening of the stream renews everything by itself. */
export const EVENT_NAMES = [
  "block-connected",
  "block-disconnected",
  "tip-changed",
] as const satisfies readonly EventName[];
