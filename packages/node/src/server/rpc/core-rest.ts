import { RpcError } from "@bitfleet/api/errors.ts";
import type { Logger } from "../../ports.ts";
import { restBlockRoutes } from "./core-rest-blocks.ts";
import { restCoinRoutes } from "./core-rest-coins.ts";
import { restFilterRoutes } from "./core-rest-filters.ts";
import { restInfoRoutes } from "./core-rest-info.ts";
import { type RestAnswer, RestError, textAnswer } from "./core-rest-request.ts";
import { type CoreRestDependencies, type RestCall, type RestPrefix, restPrefixOf } from "./core-rest-routes.ts";

/** Bitcoin Core's own REST interface (`-rest`, src/rest.cpp): read only, without a key, beside JSON-RPC. */

export class CoreRest {
  readonly #calls: Readonly<Record<RestPrefix, RestCall>>;
  readonly #log: Logger | undefined;

  constructor(deps: CoreRestDependencies) {
    this.#log = deps.log;
    this.#calls = {
      ...restBlockRoutes(deps),
      ...restFilterRoutes(deps),
      ...restInfoRoutes(deps),
      ...restCoinRoutes(deps),
    };
  }

  /** Never rejects. `undefined` where there is no such call. */
  async answer(target: string, body: Uint8Array): Promise<RestAnswer | undefined> {
    const prefix = restPrefixOf(target);
    if (prefix === undefined) return undefined;
    try {
      return await this.#calls[prefix]({ target, rest: target.slice(prefix.length), body });
    } catch (error) {
      const status = error instanceof RestError ? error.status : 500;
      // Whoever may connect may ask here: errors of other kinds name files of this machine.
      const isToBeSaid = error instanceof RestError || error instanceof RpcError;
      if (!isToBeSaid) this.#log?.error("a request failed where it must not", { path: target, error: String(error) });
      return textAnswer(
        status,
        `${isToBeSaid ? error.message : "Something is wrong in the node; its log has more."}\r\n`,
      );
    }
  }
}
