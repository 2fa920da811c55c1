import type { SocketConstructor } from "@bitfleet/api/events/client-socket.ts";

/** A server that is asked, and by what. */

export interface ServerPlace {
  /** Without a slash at its end; "" for the server that the page came from. */
  readonly baseUrl: string;
  readonly apiKey: string;
}

export interface SourceDependencies {
  readonly fetch: typeof fetch;
  /** `null`: events come as a stream of answers, which a WebSocket that cannot carry headers would not. */
  readonly WebSocket: SocketConstructor | null | undefined;
  readonly random: () => number;
  /** Told of the network that is followed from now on, before it is asked anything. */
  readonly leadTo: (place: { readonly url: string; readonly apiKey: string }) => Promise<void>;
}
