import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { BlockScreen } from "./features/blocks/block-screen.tsx";
import { BlockTransactions } from "./features/transaction/block-transactions.tsx";

const route = getRouteApi("/block/$id");

/** The page of one block: two features side by side, which know nothing of each other. */
export function BlockRoute(): ReactElement {
  const { id } = route.useParams();
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <BlockScreen
      id={id}
      transactions={(block) => (
        <BlockTransactions
          blockHash={block.hash}
          transactionCount={block.transaction_count}
          page={page}
          onPage={(next) =>
            void navigate({
              to: "/block/$id",
              params: { id },
              search: next > 1 ? { page: next } : {},
              resetScroll: false,
            })
          }
        />
      )}
    />
  );
}
