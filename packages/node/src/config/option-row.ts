/** How a value is read: text, whole number, yes/no, or text that may be given several times. */
export type OptionKind = "text" | "integer" | "boolean" | "list";
export type OptionStatus = "active" | "accepted";

/** Marks of a row: section only, no negation, no elision, sensitive, debug only. */
export type Mark = "S" | "N" | "E" | "P" | "D";
/** A row of the table of options. */
export type Row = readonly [name: string, kind: OptionKind, status: OptionStatus, marks: string, help: string];
