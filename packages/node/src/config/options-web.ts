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
  [
    "webcors=<origin>",
    "list",
    "active",
    "",
    "Origins whose pages may call the API, with commas between, or * for any (default: none; not in Core)",
  ],
  ["weblog", "boolean", "active", "", "Log every request to the web server (default: 0; not in Core)"],
  [
    "webmaxconnections=<n>",
    "integer",
    "active",
    "",
    "Connections to the web server at a time (default: 8192; not in Core)",
  ],
  ["webmetrics", "boolean", "active", "", "Answer Prometheus at /metrics (default: 1; not in Core)"],
  [
    "webmetricsbind=<addr>:<port>",
    "text",
    "active",
    "S",
    "Address for /metrics, and for /health once more; /metrics is nowhere else then (not in Core)",
  ],
  ["webport=<port>", "integer", "active", "S", "Port of the web page and its API; absent or 0 for none (not in Core)"],
  [
    "webtlscert=<file>",
    "text",
    "active",
    "",
    "Certificate in PEM form, for HTTPS in place of HTTP; read again when it changes (not in Core)",
  ],
  ["webtlskey=<file>", "text", "active", "", "Key of that certificate, in PEM form (not in Core)"],
];
