import { desktopFetch } from "./desktop/desktop-session.ts";

/**
 * What a page holds belongs to one network. In a browser that is so for as long as the page is open; in the desktop it is left for
 * another: nothing that was asked of it may be answered by the other, and nothing that was known of it may stay.
 */

const listeners = new Set<() => void>();
let scope = new AbortController();

/** Why a request ended: another network was chosen meanwhile. */
const LEFT = "The network was left before it answered.";

/** `fetch` for the network at hand. When that is left, what is under way ends, and whoever still holds this reaches no other network with it. */
export function networkFetch(send: typeof fetch = desktopFetch): typeof fetch {
  const { signal } = scope;
  return async (input, options = {}) => {
    signal.throwIfAborted();
    const both = options.signal == null ? signal : AbortSignal.any([options.signal, signal]);
    return send(input, { ...options, signal: both });
  };
}

/** Calls `listener` when the network is left, so that it forgets what it knew. The answer ends that. */
export function onNetworkLeft(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The network at hand is another one from now on. */
export function leaveNetwork(): void {
  const left = scope;
  scope = new AbortController();
  left.abort(new DOMException(LEFT, "AbortError"));
  for (const listener of [...listeners]) listener();
}
