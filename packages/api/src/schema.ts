import type { Static, TSchema } from "typebox";
import {
  Array as ArrayOf,
  Boolean as BooleanType,
  Integer,
  Null,
  Number as NumberType,
  Object as ObjectOf,
  String as StringType,
  Union,
} from "typebox";

/** The pieces of which the HTTP schemas are made. A schema is JSON Schema, validates at run time and is a type: `Static<typeof X>`. */
export type { Static, TSchema };

export const text = (description: string) => StringType({ description });
export const integer = (description: string, minimum = 0, maximum?: number) =>
  Integer({ description, minimum, ...(maximum !== undefined && { maximum }) });
export const decimal = (description: string) => NumberType({ description });
export const flag = (description: string) => BooleanType({ description });
export const list = <Item extends TSchema>(item: Item, description = "", minItems?: number, maxItems?: number) =>
  ArrayOf(item, {
    description,
    ...(minItems !== undefined && { minItems }),
    ...(maxItems !== undefined && { maxItems }),
  });
export const object = ObjectOf;
export const nullable = <Value extends TSchema>(value: Value) => Union([value, Null()]);

/** A block or transaction hash as people write it: 64 hex digits, last byte first. */
export const hashText = (description: string) => StringType({ description, pattern: "^[0-9a-fA-F]{64}$" });
/** An amount in satoshis. Every amount that can exist fits a JSON number exactly. */
export const sats = (description: string) => Integer({ description: `${description}, in satoshis` });

/** What every answer under /api is wrapped in. */
export interface Envelope<Data> {
  readonly success: boolean;
  readonly data: Data | null;
  /** One plain sentence where `success` is false. */
  readonly error: string | null;
  /** Of a call of JSON-RPC that failed: what it says itself. */
  readonly details?: { readonly code: number; readonly message: string };
  /** RFC 3339, when the answer was made. */
  readonly timestamp: string;
}

export const envelopeOf = <Data extends TSchema>(data: Data) =>
  ObjectOf({
    success: BooleanType(),
    data: Union([data, Null()]),
    error: Union([StringType(), Null()]),
    timestamp: StringType({ description: "RFC 3339, when the answer was made" }),
  });

/** One page of a longer list. `page` counts from 0. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly page: number;
  readonly limit: number;
  readonly total: number;
  readonly total_pages: number;
  readonly has_next: boolean;
  readonly has_prev: boolean;
}

export const pageOf = <Item extends TSchema>(item: Item) =>
  ObjectOf({
    items: ArrayOf(item),
    page: integer("This page, counted from 0"),
    limit: integer("Most items a page holds", 1),
    total: integer("Items on all pages"),
    total_pages: integer("Pages there are"),
    has_next: BooleanType(),
    has_prev: BooleanType(),
  });

/** A part of a longer list that grows at its head; `next_cursor` asks for the part behind it. */
export interface CursorPage<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

export const cursorPageOf = <Item extends TSchema>(item: Item) =>
  ObjectOf({
    items: ArrayOf(item),
    next_cursor: Union([StringType(), Null()], { description: "Asks for what is behind; null where there is no more" }),
  });
