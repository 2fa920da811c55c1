import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { HexView } from "@bitfleet/ui/hex/hex-view.tsx";
import { JsonViewer } from "@bitfleet/ui/json/json-viewer.tsx";
import { ErrorMessage, LoadingRows } from "@bitfleet/ui/states.tsx";
import { type ReactElement, useMemo } from "react";
import { GoneMessage, isGone } from "./gone-message.tsx";
import { useBlockHex, type useBlockOverview } from "./queries.ts";
import { texts } from "./texts.ts";

const LOADING_HEIGHT = 240;

/** All that the node says of a block, as the two answers of its interface have it. */
export function BlockJsonPanel({
  block,
  overview,
}: {
  readonly block: BlockSummary;
  readonly overview: ReturnType<typeof useBlockOverview>;
}): ReactElement {
  const value = useMemo(() => ({ ...block, ...overview.data }), [block, overview.data]);
  if (overview.isPending) return <LoadingRows count={1} height={LOADING_HEIGHT} label={texts.data.loadingJson} />;
  return <JsonViewer value={value} label={texts.data.json} depth={1} />;
}

/** The bytes of a block. */
export function BlockHexPanel({ blockHash }: { readonly blockHash: string }): ReactElement {
  const hex = useBlockHex(blockHash);
  if (hex.data !== undefined) return <HexView hex={hex.data} label={texts.data.hex} />;
  if (hex.error === null) return <LoadingRows count={1} height={LOADING_HEIGHT} label={texts.data.loadingHex} />;
  if (isGone(hex.error)) return <GoneMessage />;
  return <ErrorMessage error={hex.error} onRetry={() => void hex.refetch()} />;
}
