import { Literal, type TProperties } from "typebox";
import { object, text } from "../schema.ts";

/** Opaque to clients. */
export const cursorField = text(
  "Where this event stands. Who comes back with it, to whatever server of the network, gets all that came behind it",
);

/** An event of the stream: its type, its cursor, and what it tells. */
export const eventOf = <Type extends string, Fields extends TProperties>(
  type: Type,
  description: string,
  fields: Fields,
) => object({ type: Literal(type), cursor: cursorField, ...fields }, { title: type, description });
