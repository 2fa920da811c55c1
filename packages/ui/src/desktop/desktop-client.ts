import { readLook, tellLook } from "./desktop-look.ts";
import { desktopFetch } from "./desktop-session.ts";
import { openFetchedEvents } from "./fetched-events.ts";

/** What the desktop's local process does for its windows, apart from the vault: which network it passes requests on to, and the window's life. */
export interface DesktopClient {
  /** What the program is. `deepLink`: a payment's address that it was started with, told once. */
  about(): Promise<{ readonly version: string; readonly deepLink: string | undefined }>;
  /** Where /api, /esplora and /health of this window lead; `undefined` before the first choice. */
  target(): Promise<string | undefined>;
  /** Where the program was told to lead this window, as long as it leads there still; `undefined` where nobody named a place. */
  namedUrl(): Promise<string | undefined>;
  /** From now on they lead to `url`, the origin of a web server. `apiKey` goes with what the page sends no key with. */
  setTarget(url: string, apiKey?: string): Promise<void>;
  /** Asks another place one thing, whatever the target is. Rejects with {@link DesktopError} where nothing answers. */
  tryAt(request: TrialRequest, signal?: AbortSignal): Promise<TrialAnswer>;
  /** Ends the program with all its windows. */
  quit(): Promise<void>;
  /** Locks the vault, for every window. */
  lockAll(): Promise<void>;
  /** Tells what the program has to say to this window, until the answer is called. */
  listen(listener: (event: DesktopEvent) => void): () => void;
}

export interface TrialRequest {
  readonly url: string;
  /** With its query. */
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TrialAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * `deep-link`: somebody opened a payment's address. `network`: a further call of the program named a network. `focus`: the window was raised. `download`: a file was saved under `path`, or could not be.
 * `gone`: the program does not answer; `back`: it does again.
 */
export type DesktopEvent =
  | { readonly kind: "deep-link"; readonly uri: string }
  | { readonly kind: "network"; readonly url: string }
  | { readonly kind: "focus" }
  | { readonly kind: "download"; readonly path: string | undefined; readonly error: string | undefined }
  | { readonly kind: "gone" }
  | { readonly kind: "back" };

/** Why it could not be done; the message is a sentence for people. */
export class DesktopError extends Error {
  /** Of HTTP; 0 where the local process does not answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "DesktopError";
    this.status = status;
  }
}

/** What is said where the local process does not answer. */
export const GONE = "The program behind this window does not answer. Close the window and start Bitfleet again.";
const REOPEN_AFTER_MS = 1_000;

export function createDesktopClient(
  send: typeof fetch = desktopFetch,
  { reopenAfterMs = REOPEN_AFTER_MS } = {},
): DesktopClient {
  const call = async (method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> => {
    const response = await send(`/desktop/${path}`, {
      method,
      ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new DesktopError(0, GONE);
    });
    const text = await response.text();
    const value = parsed(text);
    if (!response.ok) throw new DesktopError(response.status, messageIn(value) ?? refusal(response.status));
    return value;
  };
  return {
    async about() {
      const { version = "", deepLink } = ((await call("GET", "session")) ?? {}) as {
        readonly version?: string;
        readonly deepLink?: string | null;
      };
      return { version, deepLink: deepLink ?? undefined };
    },
    async target() {
      const { url } = ((await call("GET", "target")) ?? {}) as { readonly url?: string | null };
      return url ? url : undefined;
    },
    async namedUrl() {
      const { url, isNamed } = ((await call("GET", "target")) ?? {}) as {
        readonly url?: string;
        readonly isNamed?: boolean;
      };
      return isNamed === true ? url : undefined;
    },
    async setTarget(url, apiKey) {
      await call("PUT", "target", { url, ...(apiKey !== undefined && apiKey !== "" && { apiKey }) });
    },
    async tryAt(request, signal) {
      return (await call("POST", "try", request, signal)) as TrialAnswer;
    },
    async quit() {
      await call("POST", "quit", {});
    },
    async lockAll() {
      await call("POST", "lock-all", {});
    },
    listen: (listener) =>
      listen(send, reopenAfterMs, listener, (id) => void call("POST", "deep-link-taken", { id }).catch(() => {})),
  };
}

/** Keeps the stream of events open; says once that it is gone, and once that it is back. */
function listen(
  send: typeof fetch,
  reopenAfterMs: number,
  listener: (event: DesktopEvent) => void,
  tellTaken: (id: number) => void,
): () => void {
  let close = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isGone = false;
  const open = () => {
    const stream = openFetchedEvents("/desktop/events", send);
    close = () => stream.close();
    stream.addEventListener("open", () => {
      if (isGone) listener({ kind: "back" });
      isGone = false;
    });
    stream.addEventListener("error", () => {
      if (!isGone) listener({ kind: "gone" });
      isGone = true;
      timer = setTimeout(open, reopenAfterMs);
    });
    stream.addEventListener("network", (event) => {
      const { url } = fieldsOf(event);
      if (url !== undefined) listener({ kind: "network", url });
    });
    // Another window of this user was given another look.
    stream.addEventListener("look", (event) => tellLook(readLook(fieldsOf(event))));
    stream.addEventListener("focus", () => listener({ kind: "focus" }));
    stream.addEventListener("deep-link", (event) => {
      const { uri } = fieldsOf(event);
      if (uri === undefined) return;
      listener({ kind: "deep-link", uri });
      // Until then the program keeps it, for a page that may come later.
      const { id } = parsed(String((event as MessageEvent).data)) as { readonly id?: unknown };
      if (typeof id === "number") tellTaken(id);
    });
    stream.addEventListener("download", (event) => {
      const { path, error } = fieldsOf(event);
      listener({ kind: "download", path, error });
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    close();
  };
}

/** The texts of an event. */
function fieldsOf(event: Event): Readonly<Record<string, string | undefined>> {
  const fields = Object.entries((parsed(String((event as MessageEvent).data)) ?? {}) as Record<string, unknown>);
  return Object.fromEntries(fields.filter(([, value]) => typeof value === "string")) as Record<string, string>;
}

const refusal = (status: number) =>
  status === 403
    ? "The program behind this window does not know it any more. Close the window and start Bitfleet again."
    : `The program behind this window answered with status ${status}.`;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function messageIn(value: unknown): string | undefined {
  const { message, error } = (value ?? {}) as { readonly message?: unknown; readonly error?: unknown };
  return [message, error].find((one) => typeof one === "string");
}
