/** The brackets and commas of descriptor expressions, as BIP380 nests them. */

/** Why a text is no descriptor, in Core's words; thrown within the parser, which answers it as a value. */
export class DescriptorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DescriptorError";
  }
}

/** A text of which expressions are taken one after the other. */
export class ExpressionReader {
  rest: string;

  constructor(text: string) {
    this.rest = text;
  }

  /** Takes `text` where the rest begins with it. */
  skip(text: string): boolean {
    if (!this.rest.startsWith(text)) return false;
    this.rest = this.rest.slice(text.length);
    return true;
  }

  /** Takes everything up to a comma or closing bracket that belongs to an expression around this one. */
  expression(): string {
    let level = 0;
    let end = 0;
    for (; end < this.rest.length; end++) {
      const character = this.rest[end]!;
      if (character === "(" || character === "{") level++;
      else if (level > 0 && (character === ")" || character === "}")) level--;
      else if (level === 0 && (character === ")" || character === "}" || character === ",")) break;
    }
    const expression = this.rest.slice(0, end);
    this.rest = this.rest.slice(end);
    return expression;
  }
}

/** What stands in the brackets of `name(…)`; `undefined` where the expression is not of that form. */
export function argumentOf(name: string, expression: string): string | undefined {
  const isCall = expression.startsWith(`${name}(`) && expression.endsWith(")");
  return isCall ? expression.slice(name.length + 1, -1) : undefined;
}

/** An unsigned 32-bit number in decimal; `undefined` for other text. */
export function parseUint32(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const number = Number(text);
  return number <= 0xffffffff ? number : undefined;
}
