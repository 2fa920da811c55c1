import { unsupportedError } from "./browser-store.ts";
import { inUseError } from "./vault-sentences.ts";

/** A page that was just left gives its lock back a moment later. */
const PATIENCE_MS = 500;

/**
 * Takes a name for this page among all of the browser that come from the same place; answers how to give it back. The browser does that
 * itself where the page is closed, reloaded or crashes. Rejects with `in-use`.
 */
export async function takePageLock(name: string): Promise<() => Promise<void>> {
  if (typeof navigator === "undefined" || navigator.locks === undefined)
    throw unsupportedError("it has no locks for pages");
  let release = () => {};
  let take = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const taken = new Promise<void>((resolve) => {
    take = resolve;
  });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const done = navigator.locks.request(name, { signal }, () => {
    take();
    return held;
  });
  const failed = done.then(
    () => {},
    (error: unknown) => {
      throw error instanceof DOMException && /^(Abort|Timeout)Error$/.test(error.name) ? inUseError() : error;
    },
  );
  await Promise.race([taken, failed]);
  return () => {
    release();
    return failed;
  };
}
