import type { LiveEvents } from "./live-events.ts";

/** Who looks at another tab for a moment misses nothing. */
const REST_AFTER_MS = 10_000;

type Hiding = Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;

/**
 * Closes the stream of events of a page that nobody sees, and opens it again at once when somebody does, with all that was missed. A browser opens six
 * connections to a server: as many tabs with a stream each would leave none for the requests of any. The answer ends that.
 */
export function restWhileHidden(
  page: Hiding,
  live: Pick<LiveEvents, "start" | "stop">,
  restAfterMs = REST_AFTER_MS,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (page.visibilityState === "hidden") timer = setTimeout(() => live.stop(), restAfterMs);
    else live.start();
  };
  page.addEventListener("visibilitychange", look);
  if (page.visibilityState === "hidden") look();
  return () => {
    clearTimeout(timer);
    page.removeEventListener("visibilitychange", look);
  };
}
