import * as chainEvents from "../events/chain.ts";
import * as controlEvents from "../events/control.ts";
import * as nodeEvents from "../events/node.ts";
import * as transactionEvents from "../events/transactions.ts";
import * as events from "../events.ts";
import * as addresses from "../rest/addresses.ts";
import * as chain from "../rest/chain.ts";
import * as fees from "../rest/fees.ts";
import * as health from "../rest/health.ts";
import * as inputTrace from "../rest/input-trace.ts";
import * as mempool from "../rest/mempool.ts";
import * as messages from "../rest/messages.ts";
import * as mining from "../rest/mining.ts";
import * as network from "../rest/network.ts";
import * as peers from "../rest/peers.ts";
import * as replacements from "../rest/replacements.ts";
import * as search from "../rest/search.ts";
import * as transactions from "../rest/transactions.ts";
import * as walletPayments from "../rest/wallet-payments.ts";
import * as wallets from "../rest/wallets.ts";
import * as watch from "../rest/watch.ts";
import * as watchPsbt from "../rest/watch-psbt.ts";
import { isObject, type JsonSchema, publishedComponent, type SchemaNamer } from "./json-schema.ts";

/** The schemas that the document shows once, under their name, wherever they are used. */

/** Files of schemas. What they export has the name of the export. */
const SCHEMA_FILES: readonly Readonly<Record<string, unknown>>[] = [
  ...[
    chain,
    transactions,
    inputTrace,
    replacements,
    mempool,
    fees,
    mining,
    peers,
    network,
    search,
    addresses,
    watch,
    watchPsbt,
    wallets,
    walletPayments,
    messages,
    health,
  ],
  ...[events, chainEvents, transactionEvents, nodeEvents, controlEvents],
];

/** Collects the components that are used: a name is given where a schema is met, and the schema is kept under it. */
export class Components {
  readonly #names = namesOfSchemas();
  readonly #used = new Map<string, JsonSchema>();

  /** The component's name; pages of a component are one too, `<name>Page`. */
  readonly nameOf: SchemaNamer = (schema) => {
    const name = this.#names.get(textOf(schema)) ?? this.#nameOfPage(schema);
    if (name !== undefined && !this.#used.has(name)) {
      this.#used.set(name, {});
      this.#used.set(name, { ...publishedComponent(schema, this.nameOf), title: name });
    }
    return name;
  };

  /** Keeps a schema that no file exports. */
  add(name: string, schema: JsonSchema): void {
    this.#used.set(name, { title: name, ...schema });
  }

  /** What was used, by name, in alphabetic order. */
  all(): JsonSchema {
    return Object.fromEntries([...this.#used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #nameOfPage(schema: JsonSchema): string | undefined {
    const { properties } = schema;
    if (!isObject(properties) || !isObject(properties.items) || !isObject(properties.items.items)) return undefined;
    const item = this.#names.get(textOf(properties.items.items));
    if (item === undefined) return undefined;
    if (properties.next_cursor !== undefined) return `${item}List`;
    return properties.total_pages === undefined ? undefined : `${item}Page`;
  }
}

function namesOfSchemas(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, schema] of SCHEMA_FILES.flatMap((file) => Object.entries(file))) {
    if (!isNamed(name, schema)) continue;
    const text = textOf(schema);
    if (!names.has(text)) names.set(text, name);
  }
  return names;
}

/** Schemas have names like `BlockSummary`; those of path and query are shown as parameters, and have none in the document. */
function isNamed(name: string, value: unknown): value is JsonSchema {
  if (!/^[A-Z][a-z]/.test(name) || /(Params|Query)$/.test(name)) return false;
  return typeof value === "object" && value !== null && ("properties" in value || "anyOf" in value);
}

/** Equal schemas are one, though `Optional` makes another object of each. */
const textOf = (schema: JsonSchema) => JSON.stringify(schema);
