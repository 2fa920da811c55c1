import { ApiError } from "@bitfleet/api/errors.ts";
import { type Query, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactElement, type ReactNode, use, useEffect, useMemo, useSyncExternalStore } from "react";
import { type AnswerState, Answers } from "./answers.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { EVENT_NAMES, EVENTS_OF_TOPIC, type Topic, topicsOf } from "./event-names.ts";
import { openEventStream } from "./event-stream.ts";
import { rememberedKey } from "./keys/remembered-keys.ts";
import { type ConnectionState, LiveEvents } from "./live-events.ts";
import { onNetworkLeft } from "./network-scope.ts";
import { renewQueries } from "./renew-queries.ts";
import { restWhileHidden } from "./rest-while-hidden.ts";
import { throttle } from "./throttle.ts";

/** First part of the key of every query whose answer may change with the tip. */
export const CHAIN_TOPIC = "chain" satisfies Topic;
/** The same for what changes with the mempool: told of once a second at most. */
export const MEMPOOL_TOPIC = "mempool" satisfies Topic;
/** The same for who is connected. */
export const PEERS_TOPIC = "peers" satisfies Topic;
/** The same for what the node's miner does. */
export const MINER_TOPIC = "miner" satisfies Topic;

/** How often queries are repeated while no events come. */
const POLL_INTERVAL_MS = 5_000;
/** A burst of blocks renews what is on screen at most this often. */
const INVALIDATION_INTERVAL_MS = 300;
const STALE_AFTER_MS = 30_000;

declare module "@tanstack/react-query" {
  interface Register {
    readonly queryMeta: {
      /** A further topic that the answer belongs to, by what it says: one that is final leaves it. */
      readonly alsoOf?: (data: unknown) => Topic | undefined;
    };
  }
}

/** What surrounds the page. */
export interface ApiPlace {
  /** Where the client calls: the node's origin; "" where the page came from. */
  readonly baseUrl?: string;
  /** Where the node itself is, for links that leave the page: in the desktop not where the client calls. */
  readonly nodeUrl?: string;
  /** Shows everything anew, with nothing in the cache of answers. */
  readonly beginAnew?: () => void;
}

interface Api {
  readonly client: ApiClient;
  readonly live: LiveEvents;
  readonly answers: Answers;
}

interface ApiSurroundings extends Api {
  readonly nodeUrl: string;
  readonly beginAnew: () => void;
}

const ApiContext = createContext<ApiSurroundings | undefined>(undefined);

/** Gives everything below it the client, the cache of answers and the live events that keep the cache true. */
export function ApiProvider({
  baseUrl = "",
  nodeUrl = baseUrl,
  beginAnew = reload,
  children,
}: ApiPlace & { readonly children: ReactNode }) {
  const { api, queries } = useMemo(() => createApi(baseUrl), [baseUrl]);
  const surroundings = useMemo(() => ({ ...api, nodeUrl, beginAnew }), [api, nodeUrl, beginAnew]);
  useEffect(() => onNetworkLeft(() => queries.clear()), [queries]);
  useEffect(() => {
    const retry = () => document.visibilityState === "visible" && api.live.retryNow();
    api.live.start();
    const stopResting = restWhileHidden(document, api.live);
    document.addEventListener("visibilitychange", retry);
    window.addEventListener("online", retry);
    return () => {
      stopResting();
      document.removeEventListener("visibilitychange", retry);
      window.removeEventListener("online", retry);
      api.live.stop();
    };
  }, [api]);
  return (
    <QueryClientProvider client={queries}>
      <ApiContext value={surroundings}>{children}</ApiContext>
    </QueryClientProvider>
  ) as ReactElement;
}

export function useApi(): ApiClient {
  return useApiContext().client;
}

/** Where the node is, for links that leave the page: an origin, "" where the page came from. */
export function useNodeUrl(): string {
  return useApiContext().nodeUrl;
}

/** Shows everything anew: what was answered so far is not true any more, or was refused. */
export function useBeginAnew(): () => void {
  return useApiContext().beginAnew;
}

/** State of the connection to the node, and a way to try again at once. */
export function useConnection(): { readonly state: ConnectionState; readonly retryNow: () => void } {
  const { live } = useApiContext();
  const state = useSyncExternalStore(
    (listener) => live.subscribe(listener),
    () => live.state,
  );
  return { state, retryNow: () => live.retryNow() };
}

/** How the node answers, as of when it last became slow or quick, or the connection another. */
export function useAnswers(): AnswerState {
  const { answers } = useApiContext();
  useSyncExternalStore(
    (listener) => answers.subscribe(listener),
    () => answers.state.isSlow,
  );
  return answers.state;
}

/** The `refetchInterval` of a query about the chain: none while events come, a few seconds while they do not. */
export function usePollInterval(): number | false {
  const { state } = useConnection();
  return state === "polling" ? POLL_INTERVAL_MS : false;
}

const reload = () => location.reload();

function createApi(baseUrl: string): { readonly api: Api; readonly queries: QueryClient } {
  const apiKey = rememberedKey("reading");
  const answers = new Answers();
  const client = createApiClient(baseUrl, apiKey, answers.fetch);
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // The node may be on this very machine: what the browser thinks of its network does not matter.
        networkMode: "always",
        staleTime: STALE_AFTER_MS,
        retry: (failureCount, error) => failureCount < 1 && !(error instanceof ApiError && isFinal(error)),
        retryDelay: 500,
      },
    },
  });
  const renewals = new Map(
    (Object.keys(EVENTS_OF_TOPIC) as Topic[]).map((topic) => [
      topic,
      throttle(() => void renewQueries(queries, (query) => isOf(topic, query)), INVALIDATION_INTERVAL_MS),
    ]),
  );
  const renew = (topics: Iterable<Topic>) => {
    for (const topic of topics) renewals.get(topic)?.();
  };
  const live = new LiveEvents(
    { url: client.eventsUrl, names: EVENT_NAMES },
    {
      openStream: (url) => openEventStream(url, apiKey),
      probe: () => client.blockchain().then(() => true, isAnswer),
      onEvent: (name) => {
        answers.heard();
        renew(topicsOf(name));
      },
      onResync: () => {
        renew(renewals.keys());
        // Queries that failed while the node was away, whatever their topic.
        void queries.invalidateQueries({ predicate: (query) => query.state.status === "error" });
      },
    },
  );
  return { api: { client, live, answers }, queries };
}

function isOf(topic: Topic, { queryKey, meta, state }: Pick<Query, "queryKey" | "meta" | "state">): boolean {
  return queryKey[0] === topic || meta?.alsoOf?.(state.data) === topic;
}

/** An answer that asking again will not change. */
function isFinal(error: ApiError): boolean {
  return error.status >= 400 && error.status < 500;
}

/** An error answer is an answer too. A gateway that cannot reach the node (502, 504) is none. */
function isAnswer(error: unknown): boolean {
  return error instanceof ApiError && error.status !== 0 && error.status !== 502 && error.status !== 504;
}

function useApiContext(): ApiSurroundings {
  const api = use(ApiContext);
  if (api === undefined) throw new Error("useApi outside of ApiProvider");
  return api;
}
