/** A node's log as it is read, part by part. Pure functions. */

export type LogLevel = "plain" | "warning" | "error";

export interface LogLine {
  /** Of all that were read, from 0: the same as long as the log is followed. */
  readonly number: number;
  readonly text: string;
  readonly level: LogLevel;
}

export interface NodeLog {
  readonly lines: readonly LogLine[];
  /** Where the next part begins, in bytes of the log. */
  readonly end: number;
}

export interface ReadPart {
  readonly lines: readonly string[];
  readonly end: number;
  readonly is_cut: boolean;
}

/** Lines that are kept; the oldest make room. */
export const LOG_LINES_MAX = 2_000;
/** Stands for lines that were left out. */
const GAP = "…";

/** What was read before with the part that comes behind it; the same where nothing has come. */
export function withPart(before: NodeLog | undefined, part: ReadPart): NodeLog {
  if (before !== undefined && part.lines.length === 0 && part.end === before.end) return before;
  const first = (before?.lines.at(-1)?.number ?? -1) + 1;
  const texts = part.is_cut ? [GAP, ...part.lines] : part.lines;
  const added = texts.map((text, index) => ({ number: first + index, text, level: levelOf(text) }));
  return { lines: [...(before?.lines ?? []), ...added].slice(-LOG_LINES_MAX), end: part.end };
}

/** As the marks in front of the message say: `[warning]`, `[net:error]`, also behind that of a thread. */
export function levelOf(text: string): LogLevel {
  const level = /^\S+ (?:\[[^\]]*\] )*?\[(?:[a-z0-9]+:)?(warning|error)\] /.exec(text)?.[1];
  return level === "warning" || level === "error" ? level : "plain";
}

export interface LogFilter {
  readonly text: string;
  /** The least that is shown. */
  readonly level: LogLevel;
}

/** Those that have the text in them, small or capital letters, and are as grave as is asked for. */
export function matching(lines: readonly LogLine[], { text, level }: LogFilter): readonly LogLine[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "" && level === "plain") return lines;
  return lines.filter(
    (line) => RANKS[line.level] >= RANKS[level] && (wanted === "" || line.text.toLowerCase().includes(wanted)),
  );
}

const RANKS: Readonly<Record<LogLevel, number>> = { plain: 0, warning: 1, error: 2 };
