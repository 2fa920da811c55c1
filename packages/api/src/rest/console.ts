import { Any, Literal, Optional, String as StringType, Union } from "typebox";
import { flag, list, nullable, object, type Static, text } from "../schema.ts";
import { NoFields, type RestRoute } from "./route.ts";
import { TRANSACTION_HEX_MAX } from "./transactions.ts";

/** JSON-RPC through the HTTP API: what there is to call, and calling it. */

const METHOD_LENGTH_MAX = 64;
const WALLET_LENGTH_MAX = 100;
/** The longest parameter is a transaction. */
const CALL_BYTES_MAX = TRANSACTION_HEX_MAX + 4096;
/** Characters of a result that is answered; JSON-RPC itself gives longer ones. */
export const CONSOLE_RESULT_CHARACTERS_MAX = 16_000_000;

const Schema = (description: string) => Any({ description });

export const RpcParamView = object({
  name: text("Its name"),
  aliases: list(text("Another name")),
  is_required: flag("Whether it must be given"),
  default_hint: nullable(text("What holds where it is absent and that is no fixed value")),
  is_text: flag("Whether a command line passes its word on as text, and does not read it as JSON"),
  schema: Schema("JSON Schema, with description and default"),
});
export type RpcParamView = Static<typeof RpcParamView>;

export const RpcMethodView = object({
  name: text("Its name"),
  category: Union(
    [
      Literal("blockchain"),
      Literal("control"),
      Literal("hidden"),
      Literal("mining"),
      Literal("network"),
      Literal("rawtransactions"),
      Literal("util"),
      Literal("wallet"),
      Literal("zmq"),
    ],
    { description: "As `help` groups them; `help` without a name leaves hidden ones out" },
  ),
  needs_wallet: flag("Whether it is about a wallet, so that one may have to be named"),
  is_elsewhere: flag("Whether another node answers it: the one that has the wallets"),
  call: text('The call on one line, as `getblock "blockhash" ( verbosity )`'),
  help: text("What `help` answers"),
  params: list(RpcParamView, "In their order"),
  results: list(
    object({ condition: nullable(text("When it is answered, as: for verbosity = 1")), schema: Schema("JSON Schema") }),
    "What is answered",
  ),
  examples: list(list(text("A parameter as JSON")), "Lists of parameters"),
});
export type RpcMethodView = Static<typeof RpcMethodView>;

export const consoleRoutes = {
  rpcMethods: {
    path: "/api/v1/rpc/methods",
    tag: "console",
    summary: "Every method of JSON-RPC that this node has, with help, parameters and results",
    params: NoFields,
    query: NoFields,
    data: list(RpcMethodView, "In the order of their names"),
    failures: [503],
  },
  callRpc: {
    method: "POST",
    role: "admin",
    path: "/api/admin/rpc",
    tag: "console",
    summary: "Calls a method of JSON-RPC on this node, or one of wallets on the node that has them",
    description:
      "With the same handlers and errors as over JSON-RPC: code and message of a failure are in `details` of the envelope. `-rpcwhitelist` holds here too, with the name of the key as user (403). Numbers of a result are doubles. 413 where a result is longer than 16 million characters. A web server hands calls of wallets on, with its own key, to the node that has them: 503 where that is not one of the role admin there.",
    params: NoFields,
    query: NoFields,
    body: object({
      method: StringType({ minLength: 1, maxLength: METHOD_LENGTH_MAX, description: "Name of the method" }),
      params: Optional(Any({ description: "Parameters: a list, or an object by name" })),
      wallet: Optional(StringType({ maxLength: WALLET_LENGTH_MAX, description: "The wallet that the call is about" })),
    }),
    bodyBytesMax: CALL_BYTES_MAX,
    secretFields: ["params"],
    data: object({ result: Any({ description: "What the method answers" }) }),
    failures: [400, 404, 409, 422, 503],
    example: { body: { method: "getblockhash", params: [0] } },
  },
} as const satisfies Record<string, RestRoute>;
