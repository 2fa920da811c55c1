import { ApiError } from "@bitfleet/api/errors.ts";
import type { RpcMethodView } from "@bitfleet/api/rest/console.ts";
import { useApi } from "@bitfleet/ui/api-provider.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import type { JsonValue } from "@bitfleet/ui/json/json-lines.ts";
import { KeyNotGiven } from "@bitfleet/ui/keys/key-errors.ts";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { useQuery } from "@tanstack/react-query";
import { type Call, writeLine } from "./command-line.ts";
import { beginEntry, dropEntry, endEntry, keepLine } from "./results-store.ts";
import { isKeepable, riskOf } from "./risks.ts";
import { texts } from "./texts.ts";

/** Some calls scan the chain. */
const CALL_TIMEOUT_MS = 300_000;

/** The methods of the node: the same as long as it runs. */
export function useMethods() {
  const api = useApi();
  return useQuery({
    queryKey: ["rpc-methods"],
    queryFn: ({ signal }) => api.rpcMethods({}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Makes a call: asks first where it does harm, and shows its answer among the results. Tells whether it was made. */
export function useRunCall(methods: readonly RpcMethodView[]): (call: Call) => Promise<boolean> {
  const api = useApi();
  const key = useAdminKey();
  const confirm = useConfirm();
  return async (call) => {
    const { method, params, wallet } = call;
    const isKept = isKeepable(call, methods);
    const line = isKept ? writeLine(call) : `${method} ${texts.results.hidden}`;
    const risk = riskOf(method);
    if (risk !== undefined) {
      const text = (
        <>
          <p>{texts.confirm[risk]}</p>
          <code>{line}</code>
        </>
      );
      const question = { title: texts.confirm.title(method), text, confirmLabel: texts.confirm.go(method) };
      if (!(await confirm({ ...question, isDangerous: risk === "grave" }))) return false;
    }
    if (isKept) keepLine(line);
    const id = beginEntry(line);
    const startMs = performance.now();
    try {
      const { result } = await key.run((apiKey) =>
        api.callRpc(
          { method, params, ...(wallet !== undefined && { wallet }) },
          { apiKey, timeoutMs: CALL_TIMEOUT_MS, deadlineMs: CALL_TIMEOUT_MS },
        ),
      );
      endEntry(id, { kind: "result", value: result as JsonValue, milliseconds: performance.now() - startMs });
    } catch (error) {
      if (error instanceof KeyNotGiven) {
        dropEntry(id);
        return false;
      }
      endEntry(id, { kind: "error", ...failureOf(error) });
    }
    return true;
  };
}

function failureOf(error: unknown): { readonly message: string; readonly code: number | undefined } {
  if (!(error instanceof ApiError)) return { message: String(error), code: undefined };
  const message = error.rpc?.message ?? error.message;
  return { message: error.status === 0 ? `${message} ${texts.results.ends}` : message, code: error.rpc?.code };
}
