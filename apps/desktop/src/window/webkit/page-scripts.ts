import type { FromWindow } from "./messages.ts";

/**
 * How the window's process learns what a script in the page came to: by the page's title, in pieces, which are read before they are shown. WebKit's
 * own way would make a JavaScript engine in this process, and that one ends it: it finds itself on the stack that koffi calls from, and not on the
 * thread's. A title that is soon followed by another may not be told, and on a busy machine "soon" is long: so each piece is shown again, for longer
 * each time, until the page was told that it was heard.
 */

const RAN = "bitfleet-ran:";
/** WebKit cuts titles that are longer than a thousand characters. */
const PIECE_LENGTH = 900;
const TRIES_MAX = 200;
const [STANDS_MS, STANDS_MAX_MS] = [10, 400];

/** Runs the body of an asynchronous function, and tells what it returned, as JSON, or threw. */
export function runningScript(id: number, body: string): string {
  return `(async () => {
    let ran;
    try { ran = { json: JSON.stringify(await (async () => { ${body} })()) ?? "null" }; } catch (error) { ran = { error: String(error) }; }
    const text = JSON.stringify({ id: ${id}, ...ran });
    const heard = (globalThis.bitfleetHeard ??= new Map());
    let shown = "";
    for (let at = 0; at < text.length; at += ${PIECE_LENGTH}) {
      const sign = at + ${PIECE_LENGTH} < text.length ? "+" : ".";
      let stands = ${STANDS_MS};
      for (let tries = 0; tries < ${TRIES_MAX} && !(heard.get(${id}) >= at); tries++) {
        if (!document.title.startsWith("${RAN}")) shown = document.title;
        document.title = "${RAN}${id}:" + at + ":" + tries + sign + text.slice(at, at + ${PIECE_LENGTH});
        await new Promise((resume) => setTimeout(resume, stands));
        stands = Math.min(stands * 1.5, ${STANDS_MAX_MS});
      }
    }
    heard.delete(${id});
    if (document.title.startsWith("${RAN}")) document.title = shown;
  })()`;
}

/** Tells the page that a piece was heard. It comes to a promise, as {@link runningScript} does, which WebKit hands on to nobody: any other value would end this process, as above. */
export function heardScript({ id, at }: HeardPiece): string {
  return `(async () => { (globalThis.bitfleetHeard ??= new Map()).set(${id}, ${at}); })()`;
}

export interface HeardPiece {
  readonly id: number;
  /** Where in the answer it begins. */
  readonly at: number;
  /** The whole answer, with its last piece; the first time alone. */
  readonly ran?: FromWindow & { readonly is: "ran" };
}

/** Puts the pieces of each answer together, which may be shown more than once and among those of others. `undefined` where a title is no piece. */
export function ranReader(): (title: string) => HeardPiece | undefined {
  const texts = new Map<number, string>();
  const told = new Set<number>();
  return (title) => {
    const found = /^bitfleet-ran:(\d+):(\d+):\d+([+.])(.*)$/s.exec(title);
    if (found === null) return undefined;
    const [id, at, sign, piece] = [Number(found[1]), Number(found[2]), found[3], found[4]!];
    if (told.has(id)) return { id, at };
    const text = (texts.get(id) ?? "").slice(0, at) + piece;
    texts.set(id, text);
    if (sign === "+") return { id, at };
    texts.delete(id);
    told.add(id);
    return { id, at, ran: { is: "ran", ...(JSON.parse(text) as { readonly id: number }) } };
  };
}
