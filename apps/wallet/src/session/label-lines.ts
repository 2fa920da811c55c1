/** Labels as wallets hand them to each other (BIP329): a JSON object in each line. */

/** Characters of a label. */
export const LABEL_LENGTH_MAX = 200;
/** Bytes of a file of labels, and its lines: more than an account can have transactions and addresses. */
export const LABELS_BYTES_MAX = 16_000_000;
const LINES_MAX = 20_000;

/** What a line speaks of here; there are more kinds (`pubkey`, `input`, `xpub`), which this wallet has no labels for. */
const KINDS = ["tx", "addr", "output"] as const;
type LabelKind = (typeof KINDS)[number];

export interface LabelLine {
  readonly kind: LabelKind;
  /** Txid, address, or "txid:index". */
  readonly ref: string;
  readonly label: string | undefined;
  /** Of an output: whether it may be spent; not where it is frozen. */
  readonly isSpendable: boolean | undefined;
}

/** The lines as a file. */
export function labelsFile(lines: readonly LabelLine[]): string {
  const texts = lines.map(({ kind, ref, label, isSpendable }) =>
    JSON.stringify({ type: kind, ref, label, spendable: isSpendable }),
  );
  return texts.map((text) => `${text}\n`).join("");
}

/** What this wallet can take of a file, in its order; of labels for the same the last counts. Throws `Error` with a sentence where it is no such file. */
export function readLabels(text: string): readonly LabelLine[] {
  if (text.length > LABELS_BYTES_MAX) throw new Error("The file is larger than the labels of any account.");
  const lines = text.replace(/^\ufeff/u, "").split(/\r?\n/u);
  if (lines.length > LINES_MAX + 1) throw new Error(`A file of labels is read up to ${LINES_MAX} lines: part it.`);
  const read = lines.flatMap((line, index) => (line.trim() === "" ? [] : [lineOf(line, index + 1)]));
  if (read.length === 0) throw new Error("There is no label in this file.");
  return read.filter((line) => line !== undefined);
}

/** `undefined` for what this wallet has no labels for. */
function lineOf(text: string, number: number): LabelLine | undefined {
  const fields = objectOf(text);
  const { type, ref, label, spendable } = fields ?? {};
  const isLabel = label === undefined || label === null || typeof label === "string";
  if (typeof type !== "string" || typeof ref !== "string" || !isLabel)
    throw new Error(
      `Line ${number} is no label: a file of labels (BIP329) has a JSON object with "type", "ref" and "label" in each line.`,
    );
  const kind = KINDS.find((one) => one === type);
  if (kind === undefined) return undefined;
  return {
    kind,
    ref,
    label: label?.replaceAll(/\s+/gu, " ").trim().slice(0, LABEL_LENGTH_MAX),
    isSpendable: kind === "output" && typeof spendable === "boolean" ? spendable : undefined,
  };
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    // What is no JSON is told of by its line.
    return undefined;
  }
}
