import { Amount } from "@bitfleet/ui/amount.tsx";
import { shortHash } from "@bitfleet/ui/format.ts";
import { Flow, FlowPart, FlowSide } from "@bitfleet/ui/payment/flow.tsx";
import type { ReactElement, ReactNode } from "react";
import { ExplorerLink, type ExplorerPages } from "../explorer/explorer-link.tsx";
import type { TransactionPart } from "../session/account.ts";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts;
/** Characters left at both ends of an address. */
const EDGE_COUNT = 9;

interface PartsFlowProps<Part extends TransactionPart> {
  readonly inputs: readonly Part[];
  readonly outputs: readonly TransactionPart[];
  /** Beside an input: whether it is signed, say. */
  readonly inputAside?: (part: Part) => ReactNode;
  /** Where the server shows the addresses, of what it knows already. */
  readonly pages?: ExplorerPages | undefined;
}

/** What a transaction spends and makes, and whose that is. */
export function PartsFlow<Part extends TransactionPart>(props: PartsFlowProps<Part>): ReactElement {
  const { inputs, outputs, inputAside, pages } = props;
  return (
    <Flow>
      <FlowSide title={texts.preview.spends(inputs.length)}>
        {inputs.map((part, index) => (
          <FlowPart
            // biome-ignore lint/suspicious/noArrayIndexKey: an input is its place
            key={index}
            note={<PartNote part={part} pages={pages} />}
            title={part.address}
          >
            <span>
              {part.value === undefined ? texts.part.unknown : <Amount sats={part.value} />} {inputAside?.(part)}
            </span>
          </FlowPart>
        ))}
      </FlowSide>
      <FlowSide title={texts.preview.makes(outputs.length)}>
        {outputs.map((part, index) => (
          <FlowPart
            // biome-ignore lint/suspicious/noArrayIndexKey: an output is its place
            key={index}
            note={<PartNote part={part} pages={pages} />}
            title={part.address}
          >
            {part.value !== undefined && <Amount sats={part.value} />}
          </FlowPart>
        ))}
      </FlowSide>
    </Flow>
  );
}

interface PartNoteProps {
  readonly part: TransactionPart;
  readonly pages: ExplorerPages | undefined;
}

function PartNote({ part: { address, value, owner, label }, pages }: PartNoteProps): ReactElement {
  const whose = owner === "other" ? "" : texts.part[owner];
  const name =
    address === undefined
      ? value === undefined
        ? texts.part.others
        : texts.what.noAddress
      : shortHash(address, EDGE_COUNT);
  return (
    <>
      {[label, whose, name].filter((word) => word !== "").join(" · ")}
      {address !== undefined && <ExplorerLink pages={pages} kind="address" id={address} />}
    </>
  );
}
