import { Integer, Literal, Union } from "typebox";
import { flag, hashText, integer, list, nullable, object, type Static, text } from "../schema.ts";
import { NoFields, type RestRoute } from "./route.ts";
import { PACKAGE_BYTES_MAX, PrevoutView, TransactionHexList } from "./transactions.ts";

/** How the scripts of an input run, step by step. */

/** Weight of the transactions that are traced: that of those that are relayed. */
export const TRACE_WEIGHT_MAX = 400_000;
const INPUT_INDEX_MAX = 100_000;

/** The first payment of the main network (height 170): what the documentation shows in the place of a transaction. */
const EXAMPLE_SPEND_HEX =
  "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961a1d3a1a2" +
  "5fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a" +
  "3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1" +
  "baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84" +
  "ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000";

const Stack = list(integer("Index in `items`"), "Bottom first");

export const TracePhase = object({
  name: Union(
    [
      Literal("scriptSig"),
      Literal("scriptPubKey"),
      Literal("redeemScript"),
      Literal("witnessScript"),
      Literal("tapscript"),
      Literal("keyPath"),
    ],
    { description: "Which script; keyPath is no script but one signature by the key of a taproot output" },
  ),
  script_hex: text("The script, in hex"),
  stack: Stack,
  step_from: integer("Index of its first step"),
  step_count: integer("How many steps it has"),
});

export const TraceStep = object({
  phase: integer("Index of the script that it belongs to"),
  offset: integer("Where the instruction begins in the script, in bytes"),
  size: integer("Bytes that it takes, with what it pushes", 1),
  data_size: integer("Bytes that it pushes, which are its last"),
  opcode: integer("Its first byte", 0, 255),
  name: text("The opcode's name, as OP_DUP; OP_UNKNOWN for a push of bytes, whose length is `data_size`"),
  is_executed: flag("False where it is passed over, in a branch that is not taken"),
  open_ifs: integer("IFs that are open behind it"),
  is_taken: flag("Whether what comes next is in branches that are taken"),
  stack: Stack,
  alt_stack: Stack,
  error: nullable(text("Why the script ends here, as `error.code`")),
});

export const InputTrace = object({
  txid: hashText("Transaction id"),
  input: integer("Which of its inputs"),
  is_confirmed: flag("Whether the rules are those of its block; else those of what is relayed"),
  flags: list(text("A rule, as P2SH"), "The rules that the scripts are held to"),
  prevout: PrevoutView,
  is_valid: nullable(flag("Whether the input may spend it; null where the trace was cut")),
  error: nullable(
    object({
      code: text("As EVAL_FALSE or CHECKSIGVERIFY"),
      message: text("The same in the words of Bitcoin Core"),
    }),
  ),
  is_cut: flag("Whether the trace ends before the scripts do"),
  items: list(text("In hex"), "What was on a stack, each once"),
  phases: list(TracePhase, "Scripts in the order in which they run"),
  steps: list(TraceStep, "Instructions in the order in which they run, stacks as they are behind each"),
});
export type InputTrace = Static<typeof InputTrace>;

const InputIndex = Integer({
  minimum: 0,
  maximum: INPUT_INDEX_MAX,
  description: "Which input, counted from 0",
});

export const inputTraceRoutes = {
  inputTrace: {
    path: "/api/v1/transactions/{txid}/trace",
    tag: "transactions",
    summary: "How the scripts of an input run, step by step, with the stacks behind each instruction",
    description: `Found as \`/transactions/{txid}\` is. A trace ends after 2,000 steps, or 50,000 items on stacks (\`is_cut\`). 400 for a coinbase, and for a transaction of more than ${TRACE_WEIGHT_MAX} weight units; 404 where the coins that it spends are not known any more.`,
    params: object({ txid: hashText("Transaction id") }),
    query: object({
      input: InputIndex,
    }),
    data: InputTrace,
    failures: [400, 404, 503],
    example: {
      params: { txid: "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16" },
      query: { input: 0 },
    },
  },
  tracePasted: {
    method: "POST",
    path: "/api/v1/transactions/trace",
    tag: "transactions",
    summary: "How the scripts of an input run, of a transaction that is nowhere yet",
    description:
      "The last of `transactions` is run, under the rules of what is relayed; it may spend the others, the mempool's and coins of the chain. So what the mempool refuses can be followed to the instruction that fails. Nothing is kept. Limits and failures are those of `GET /transactions/{txid}/trace`.",
    params: NoFields,
    query: NoFields,
    body: object({ transactions: TransactionHexList, input: InputIndex }),
    bodyBytesMax: PACKAGE_BYTES_MAX,
    data: InputTrace,
    failures: [400, 404, 503],
    isRepeatable: true,
    example: { body: { transactions: [EXAMPLE_SPEND_HEX], input: 0 } },
  },
} as const satisfies Record<string, RestRoute>;
