import { readFileSync } from "node:fs";
import { request } from "node:http";
import { JsonNumber, JsonObject, type JsonValue, parseJson, writeJson } from "@bitfleet/api/json.ts";

/** Where a node answers JSON-RPC and how it is convinced to. */
export interface RpcTarget {
  readonly host: string;
  readonly port: number;
  /** `user:password`, or where the cookie lies: nowhere with `-norpccookiefile`. */
  readonly credentials: string | { readonly cookieFile: string | undefined };
  /** `/wallet/<name>` of `-rpcwallet`; else `/`. */
  readonly path: string;
  readonly timeoutMs: number;
}

/** The node cannot be reached; it may be starting still. */
export class RpcUnreachable extends Error {}

/** It is reached and says nothing in time: busy, held, or in an endless loop. */
export class RpcTimeout extends RpcUnreachable {}

export interface RpcReply {
  readonly status: number;
  readonly body: string;
}

/** Sends one request and returns the reply as it came. Rejects with {@link RpcUnreachable} where there is none. */
export function postRpc(target: RpcTarget, body: string): Promise<RpcReply> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: target.host,
        port: target.port,
        path: target.path,
        method: "POST",
        agent: false,
        timeout: target.timeoutMs,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          authorization: `Basic ${Buffer.from(credentialsText(target)).toString("base64")}`,
          connection: "close",
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
        });
        response.on("error", (error) => reject(new RpcUnreachable(error.message)));
      },
    );
    call.on("timeout", () => call.destroy(new RpcTimeout("timeout reached")));
    call.on("error", (error: NodeJS.ErrnoException) =>
      reject(error instanceof RpcTimeout ? error : new RpcUnreachable(connectionProblem(error))),
    );
    call.end(body);
  });
}

/** The cookie is read anew for each try: a node that starts writes a new one. Without one, nothing is sent that could fit. */
function credentialsText({ credentials }: RpcTarget): string {
  if (typeof credentials === "string") return credentials;
  return credentials.cookieFile === undefined ? "" : (cookieText(credentials.cookieFile) ?? "");
}

function cookieText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Why a node did not accept the credentials, in the words of Core's client. */
export function credentialsProblem({ credentials }: RpcTarget): string {
  if (typeof credentials === "string") return "Incorrect rpcuser or rpcpassword were specified.";
  const { cookieFile } = credentials;
  if (cookieFile === undefined)
    return "Cookie file was disabled via -norpccookiefile and no rpcpassword was specified.";
  return cookieText(cookieFile) === undefined
    ? `Failed to read cookie file and no rpcpassword was specified. Cookie file: (${cookieFile})`
    : `Cookie file credentials were invalid and no rpcpassword was specified. Cookie file: (${cookieFile})`;
}

function connectionProblem(error: NodeJS.ErrnoException & { readonly hostname?: string }): string {
  if (error.code === "ECONNREFUSED") return "Could not connect to the server";
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") return `Could not resolve host: ${error.hostname}`;
  return error.message || error.code || "no connection";
}

/** The error object of a reply: -28 while the node starts. */
export interface RpcFailure {
  readonly code: number;
  readonly message: string;
}

/** The node refused the call. */
export class RpcError extends Error {
  /** As Core numbers it: -8 for a bad parameter, -32601 for an unknown method. */
  readonly code: number;

  constructor({ code, message }: RpcFailure, options?: ErrorOptions) {
    super(message, options);
    this.name = "RpcError";
    this.code = code;
  }
}

/** Calls a method, by place or by name, and returns its result. Throws {@link RpcUnreachable}, {@link RpcError}, or `Error` where the answer is none. */
export async function callRpc(
  target: RpcTarget,
  method: string,
  params: readonly JsonValue[] | JsonObject,
): Promise<JsonValue> {
  const { body, status } = await postRpc(target, rpcRequest(method, params));
  if (status === 401) throw new Error("the node does not accept these credentials");
  const reply = parseReply(body);
  if (reply === undefined) throw new Error(`HTTP status ${status}`);
  const failure = failureOf(reply);
  if (failure) throw new RpcError(failure);
  return reply.get("result") ?? null;
}

export function rpcRequest(method: string, params: readonly JsonValue[] | JsonObject, id = "1"): string {
  return `${writeJson({ jsonrpc: "2.0", id: new JsonNumber(id), method, params })}\n`;
}

/** The reply's object, or `undefined` where the text is no JSON object. */
export function parseReply(body: string): JsonObject | undefined {
  try {
    const value = parseJson(body);
    return value instanceof JsonObject ? value : undefined;
  } catch {
    return undefined;
  }
}

export function failureOf(reply: JsonObject): RpcFailure | undefined {
  const error = reply.get("error");
  if (!(error instanceof JsonObject)) return undefined;
  const code = error.get("code");
  const message = error.get("message");
  return {
    code: code instanceof JsonNumber ? Number(code.text) : 0,
    message: typeof message === "string" ? message : "",
  };
}
