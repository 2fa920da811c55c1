import type { Row } from "./option-row.ts";

/** Options of the web server: page, REST API, events, health and metrics. None of them is in Core. */
export const WEB_OPTIONS: readonly Row[] = [
  [
    "webadminkey=<key>",
    "text",
    "active",
    "P",
    "Key, in the header X-API-Key, that opens /api/admin to who has it; closed without (not in Core)",
  ],
  ["webbind=<addr>", "text", "active", "", "Address of the web page (default: 127.0.0.1; not in Core)"],
  ["webport=<port>", "integer", "active", "S", "Port of the web page and its API; absent or 0 for none (not in Core)"],
];
