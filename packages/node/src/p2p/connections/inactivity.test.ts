import { describe, expect, test } from "vitest";
import { testPeer } from "../test-kit.ts";
import { inactivityReason } from "./inactivity.ts";

const START_MS = 1_700_000_000_000;

function peerWith(lastSendSeconds: number, lastReceiveSeconds: number, isReady = true) {
  const peer = testPeer({ isReady }, { connectedMs: START_MS });
  peer.connection.statistics = { ...peer.connection.statistics, lastSendSeconds, lastReceiveSeconds };
  return peer;
}

describe("inactivityReason", () => {
  test("nothing before -peertimeout is over", () => {
    expect(inactivityReason(peerWith(0, 0, false), START_MS + 3000, 3000)).toBeUndefined();
    expect(inactivityReason(peerWith(0, 0, false), START_MS + 3001, 3000)).toBe(
      "socket no message in first 3 seconds, never received from peer, never sent to peer",
    );
  });

  test.each([
    [0, START_MS / 1000, ", never sent to peer"],
    [START_MS / 1000, 0, ", never received from peer"],
  ])("says what never happened", (sent, received, text) => {
    expect(inactivityReason(peerWith(sent, received), START_MS + 4000, 3000)).toBe(
      `socket no message in first 3 seconds${text}`,
    );
  });

  test("twenty minutes of silence in one direction, and not a second less", () => {
    const start = START_MS / 1000;
    const now = START_MS + 20 * 60 * 1000;
    expect(inactivityReason(peerWith(start, start), now, 3000)).toBeUndefined();
    expect(inactivityReason(peerWith(start, start + 60), now + 1000, 3000)).toBe("socket sending timeout: 1201s");
    expect(inactivityReason(peerWith(start + 60, start), now + 1000, 3000)).toBe("socket receive timeout: 1201s");
  });

  test("a greeting that does not end", () => {
    const start = START_MS / 1000;
    const peer = peerWith(start, start, false);
    expect(inactivityReason(peer, START_MS + 4000, 3000)).toBe("version handshake timeout");
    peer.connection.transport = "detecting";
    expect(inactivityReason(peer, START_MS + 4000, 3000)).toBe("V2 handshake timeout");
  });
});
