import { afterEach, describe, expect, test, vi } from "vitest";
import { closeSocket, OPENING_PATIENCE_MS } from "./close-socket.ts";

const [CONNECTING, OPEN] = [0, 1];

function socketThatIs(readyState: number) {
  const socket = { readyState, onopen: null as ((event: never) => void) | null, close: vi.fn() };
  const open = () => {
    socket.readyState = OPEN;
    socket.onopen?.(undefined as never);
  };
  return { socket, open };
}

describe("a WebSocket is closed", () => {
  afterEach(() => void vi.useRealTimers());

  test("at once where it is open", () => {
    const { socket } = socketThatIs(OPEN);
    closeSocket(socket);
    expect(socket.close).toHaveBeenCalledTimes(1);
  });

  test("as soon as it is open where it is opening, and not before: a browser complains of that", () => {
    const { socket, open } = socketThatIs(CONNECTING);
    closeSocket(socket);
    expect(socket.close).not.toHaveBeenCalled();
    open();
    expect(socket.close).toHaveBeenCalledTimes(1);
  });

  test("where it never opens, when that has been waited for", () => {
    vi.useFakeTimers();
    const { socket } = socketThatIs(CONNECTING);
    closeSocket(socket);
    vi.advanceTimersByTime(OPENING_PATIENCE_MS - 1);
    expect(socket.close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(socket.close).toHaveBeenCalledTimes(1);
  });
});
