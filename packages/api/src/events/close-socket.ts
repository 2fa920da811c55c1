/** What closing takes of a WebSocket. */
interface ClosableSocket {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  close(): void;
}

const CONNECTING = 0;
/** One that is not open by then is closed all the same: a server that does not answer keeps no connection. */
export const OPENING_PATIENCE_MS = 5_000;

/** Closes a WebSocket; one that is still opening as soon as it is open, since browsers complain in their console of one that never was. */
export function closeSocket(socket: ClosableSocket): void {
  if (socket.readyState !== CONNECTING) {
    socket.close();
    return;
  }
  const timer: unknown = setTimeout(() => socket.close(), OPENING_PATIENCE_MS);
  // In Node it holds up no end.
  (timer as { unref?: () => void }).unref?.();
  socket.onopen = () => socket.close();
}
