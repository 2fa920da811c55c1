import { PageHead } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { useBlockchain } from "@bitfleet/ui/node-queries.ts";
import { Pager } from "@bitfleet/ui/pager.tsx";
import { ErrorMessage, LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { BlockJump } from "./block-jump.tsx";
import { BlockList } from "./block-list.tsx";
import { BLOCKS_PER_PAGE, useBlocks } from "./queries.ts";
import { texts } from "./texts.ts";

const t = texts.list;
const route = getRouteApi("/blocks");

/** All blocks of the active chain, newest first, page by page; `?at=` of the address shows the page that a height is on, and marks it. */
export function BlocksScreen(): ReactElement {
  const { page: wantedPage = 1, at } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: chain } = useBlockchain(at !== undefined);
  // Blocks that come push the others down: where the height is follows from the tip.
  const page = at === undefined ? wantedPage : pageOf(at, chain?.height);
  const blocks = useBlocks(page);
  const tipHeight = blocks.data === undefined ? undefined : blocks.data.total - 1;
  return (
    <>
      <PageHead
        title={t.title}
        actions={
          <BlockJump
            tipHeight={tipHeight}
            onHeight={(height) => void navigate({ to: "/blocks", search: { at: height } })}
          />
        }
      >
        {blocks.data === undefined ? " " : t.about(formatCount(blocks.data.total))}
      </PageHead>
      {at !== undefined && chain !== undefined && at > chain.height ? (
        <Message title={t.noHeight(formatCount(at))} action={<Link to="/blocks">{t.goNewest}</Link>}>
          {t.noHeightWhy(formatCount(chain.height))}
        </Message>
      ) : (
        <Content blocks={blocks} page={page ?? 1} markedHeight={at} />
      )}
      {blocks.data !== undefined && page !== undefined && (
        <Pager
          page={page}
          pageCount={blocks.data.total_pages}
          label="blocks"
          hasArrowKeys
          onPage={(next) => void navigate({ to: "/blocks", search: next > 1 ? { page: next } : {} })}
        />
      )}
    </>
  );
}

/** The page of a list that begins at the tip; the first where the height is above it. */
function pageOf(height: number, tipHeight: number | undefined): number | undefined {
  return tipHeight === undefined ? undefined : Math.floor(Math.max(0, tipHeight - height) / BLOCKS_PER_PAGE) + 1;
}

function Content({
  blocks,
  page,
  markedHeight,
}: {
  readonly blocks: ReturnType<typeof useBlocks>;
  readonly page: number;
  readonly markedHeight: number | undefined;
}): ReactElement {
  if (blocks.data === undefined) {
    if (blocks.error !== null) return <ErrorMessage error={blocks.error} onRetry={() => void blocks.refetch()} />;
    return <LoadingRows count={BLOCKS_PER_PAGE} height={44} label={t.loading} />;
  }
  if (blocks.data.items.length === 0) {
    return (
      <Message title={t.noPage(String(page))} action={<Link to="/blocks">{t.goNewest}</Link>}>
        {t.pages(formatCount(blocks.data.total_pages))}
      </Message>
    );
  }
  return <BlockList blocks={blocks.data.items} isPrevious={blocks.isPlaceholderData} markedHeight={markedHeight} />;
}
