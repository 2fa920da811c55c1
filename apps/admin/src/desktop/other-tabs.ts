/**
 * Tabs of one window's browser share the process behind them, and so the network that it leads to. When one goes elsewhere the others must
 * not show the old network with the answers of the new.
 */
export interface OtherTabs {
  /** This tab has gone to another network. */
  tell(): void;
  /** Calls `listener` when another tab has. */
  watch(listener: () => void): () => void;
}

const CHANNEL = "bitfleet-network";

/** One channel for both: a tab hears what its own second channel says. */
export function openOtherTabs(): OtherTabs {
  const channel = new BroadcastChannel(CHANNEL);
  return {
    tell: () => channel.postMessage("switched"),
    watch: (listener) => {
      channel.addEventListener("message", listener);
      return () => channel.removeEventListener("message", listener);
    },
  };
}
