/**
 * Tabs of one window's browser share the process behind them, and so the network that it leads to. When one goes elsewhere the others must
 * not show the old network with the answers of the new.
 */

const CHANNEL = "bitfleet-network";

/** This tab has gone to another network. */
export function tellOtherTabs(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("switched");
  channel.close();
}

/** Begins anew when another tab has gone to another network. The answer ends that. */
export function watchOtherTabs(beginAnew: () => void = () => location.reload()): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", beginAnew);
  return () => channel.close();
}
