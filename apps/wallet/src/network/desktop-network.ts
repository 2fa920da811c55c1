import type { DesktopClient } from "@bitfleet/ui/desktop/desktop-client.ts";

/**
 * In the desktop's window the page may ask nothing but the local process. That passes on what goes to the network which is followed, streams
 * too, and asks any other place one thing at a time: so a network is tried before it is saved.
 */

/** What the local process passes on, by the beginnings of their paths. */
const FORWARDED = /^\/(api|esplora|health)(\/|$|\?)/;

export interface DesktopNetwork {
  /** As `fetch`, for addresses of any server. */
  readonly fetch: typeof fetch;
  /** From now on this is the network that is followed. */
  use(place: { readonly url: string; readonly apiKey: string }): Promise<void>;
}

/** `send`: to the local process, with what it wants of every request. */
export function desktopNetwork(client: DesktopClient, send: typeof fetch): DesktopNetwork {
  let target: string | undefined;
  return {
    async use({ url, apiKey }) {
      if (url === "") return;
      const { origin } = new URL(url);
      await client.setTarget(origin, apiKey);
      target = origin;
    },

    fetch: async (input, init) => {
      const text = String(input instanceof Request ? input.url : input);
      if (text.startsWith("/")) return send(input, init);
      const url = new URL(text);
      const path = url.pathname + url.search;
      if (url.origin === target && FORWARDED.test(path)) return send(path, init);
      const answer = await client.tryAt(
        {
          url: url.origin,
          path,
          ...(init?.method !== undefined && { method: init.method }),
          ...(init?.headers !== undefined && { headers: Object.fromEntries(new Headers(init.headers)) }),
          ...(typeof init?.body === "string" && { body: init.body }),
        },
        init?.signal ?? undefined,
      );
      return new Response(answer.status === 204 || answer.status === 304 ? null : answer.body, {
        status: answer.status,
        headers: answer.headers,
      });
    },
  };
}
