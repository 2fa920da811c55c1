import type { Peer } from "../peer.ts";

/** A connection on which nothing came or went for as long is dead: pings alone would have kept it alive. */
const SILENCE_MAX_MS = 20 * 60 * 1000;

/**
 * Why a connection ends for want of traffic, or `undefined`. Nothing ends before it is older than `peerTimeoutMs`
 * (`-peertimeout`): by then both sides must have sent something and greeted.
 */
export function inactivityReason(peer: Peer, nowMs: number, peerTimeoutMs: number): string | undefined {
  if (peer.options.connectedMs + peerTimeoutMs >= nowMs) return undefined;
  const { lastSendSeconds, lastReceiveSeconds } = peer.connection.statistics;
  if (lastSendSeconds === 0 || lastReceiveSeconds === 0) {
    const never =
      (lastReceiveSeconds === 0 ? ", never received from peer" : "") +
      (lastSendSeconds === 0 ? ", never sent to peer" : "");
    return `socket no message in first ${peerTimeoutMs / 1000} seconds${never}`;
  }
  const sendSilenceMs = nowMs - lastSendSeconds * 1000;
  if (sendSilenceMs > SILENCE_MAX_MS) return `socket sending timeout: ${Math.floor(sendSilenceMs / 1000)}s`;
  const receiveSilenceMs = nowMs - lastReceiveSeconds * 1000;
  if (receiveSilenceMs > SILENCE_MAX_MS) return `socket receive timeout: ${Math.floor(receiveSilenceMs / 1000)}s`;
  if (peer.isReady) return undefined;
  return peer.connection.transport === "detecting" ? "V2 handshake timeout" : "version handshake timeout";
}
