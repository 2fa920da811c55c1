import type { MinerChange } from "@bitfleet/api/rest/mining.ts";
import type { RestData, RestQuery, RestRouteName } from "@bitfleet/api/rest-routes.ts";
import type { Envelope } from "@bitfleet/api/schema.ts";

/** Why a request gave no data: `status` is the HTTP status, or 0 where no answer came at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The REST interface, typed by its contract. The schemas themselves stay out of the page: only their types are used here. */
export interface ApiClient {
  blockchain(signal?: AbortSignal): Promise<RestData<"blockchain">>;
  blocks(query: RestQuery<"blocks">, signal?: AbortSignal): Promise<RestData<"blocks">>;
  latestBlocks(query: RestQuery<"latestBlocks">, signal?: AbortSignal): Promise<RestData<"latestBlocks">>;
  /** `id` is a hash or a height. */
  block(id: string, signal?: AbortSignal): Promise<RestData<"block">>;
  blockTransactions(
    id: string,
    query: RestQuery<"blockTransactions">,
    signal?: AbortSignal,
  ): Promise<RestData<"blockTransactions">>;
  mining(signal?: AbortSignal): Promise<RestData<"mining">>;
  /** Tells the miner what to do; `adminKey` says that one may. */
  setMining(change: MinerChange, adminKey: string): Promise<RestData<"setMining">>;
  readonly eventsUrl: string;
}

/** `baseUrl` is the node's origin without a slash at its end; empty means the origin the page came from. */
export function createApiClient(baseUrl = ""): ApiClient {
  const root = `${baseUrl}/api/v1`;
  const get = <Name extends RestRouteName>(path: string, signal?: AbortSignal) =>
    fetchData<RestData<Name>>(`${root}${path}`, signal);
  return {
    blockchain: (signal) => get<"blockchain">("/blockchain", signal),
    blocks: (query, signal) => get<"blocks">(`/blockchain/blocks${queryText(query)}`, signal),
    latestBlocks: (query, signal) => get<"latestBlocks">(`/blockchain/blocks/latest${queryText(query)}`, signal),
    block: (id, signal) => get<"block">(`/blockchain/blocks/${encodeURIComponent(id)}`, signal),
    blockTransactions: (id, query, signal) =>
      get<"blockTransactions">(`/blockchain/blocks/${encodeURIComponent(id)}/transactions${queryText(query)}`, signal),
    mining: (signal) => get<"mining">("/mining", signal),
    setMining: (change, adminKey) =>
      fetchData<RestData<"setMining">>(`${baseUrl}/api/admin/mining`, undefined, {
        method: "PUT",
        headers: { "content-type": "application/json", "x-api-key": adminKey },
        body: JSON.stringify(change),
      }),
    eventsUrl: `${root}/events`,
  };
}

const ANSWER_TIMEOUT_MS = 15_000;

async function fetchData<Data>(
  url: string,
  signal: AbortSignal | undefined,
  { headers, ...request }: RequestInit & { readonly headers?: Record<string, string> } = {},
): Promise<Data> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const response = await fetch(url, {
    ...request,
    headers: { accept: "application/json", ...headers },
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, timeout.aborted ? "The node did not answer in time." : "The node does not answer.");
  });
  const envelope = (await response.json().catch(() => undefined)) as Envelope<Data> | undefined;
  if (response.ok && envelope?.success === true && envelope.data !== null) return envelope.data;
  throw new ApiError(response.status, envelope?.error ?? `The node answered with status ${response.status}.`);
}

function queryText(query: Readonly<Record<string, number | undefined>>): string {
  const fields = Object.entries(query).filter(([, value]) => value !== undefined);
  return fields.length === 0 ? "" : `?${new URLSearchParams(fields.map(([name, value]) => [name, String(value)]))}`;
}
