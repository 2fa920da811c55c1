import type { FromWindow } from "./messages.ts";

/**
 * How the window's process learns what a script in the page came to: by the page's title, in pieces, which are read before they are shown. WebKit's
 * own way would make a JavaScript engine in this process, and that one ends it: it finds itself on the stack that koffi calls from, and not on the
 * thread's. A title that is soon followed by another may not be told: so each piece stands for a while, and is shown again
 * where the page shows another.
 */

const RAN = "bitfleet-ran:";
/** WebKit cuts titles that are longer than a thousand characters. */
const PIECE_LENGTH = 900;
const TRIES = 3;
const STANDS_MS = 25;

/** Runs the body of an asynchronous function, and tells what it returned, as JSON, or threw. */
export function runningScript(id: number, body: string): string {
  return `(async () => {
    let ran;
    try { ran = { json: JSON.stringify(await (async () => { ${body} })()) ?? "null" }; } catch (error) { ran = { error: String(error) }; }
    const text = JSON.stringify({ id: ${id}, ...ran });
    const shown = document.title.startsWith("${RAN}") ? "" : document.title;
    for (let at = 0; at < text.length; at += ${PIECE_LENGTH}) {
      const sign = at + ${PIECE_LENGTH} < text.length ? "+" : ".";
      for (let tries = 0; tries < ${TRIES}; tries++) {
        document.title = "${RAN}${id}:" + at + ":" + tries + sign + text.slice(at, at + ${PIECE_LENGTH});
        await new Promise((resume) => setTimeout(resume, ${STANDS_MS}));
      }
    }
    document.title = shown;
  })()`;
}

/** Puts the pieces together, and answers all of them with the last. `none` where a title is no piece. */
export function ranReader(): (title: string) => "none" | "more" | (FromWindow & { readonly is: "ran" }) {
  let text = "";
  let last = "";
  return (title) => {
    const [, id, at, sign, piece] = /^bitfleet-ran:(\d+):(\d+):\d+([+.])(.*)$/s.exec(title) ?? [];
    if (piece === undefined) return "none";
    const key = `${id}:${at}`;
    // Each is shown more than once.
    if (key === last) return "more";
    last = key;
    text = at === "0" ? piece : text + piece;
    return sign === "." ? { is: "ran", ...(JSON.parse(text) as { readonly id: number }) } : "more";
  };
}
