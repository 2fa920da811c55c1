import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type ReactElement, useCallback } from "react";
import { BlockScreen } from "./features/blocks/block-screen.tsx";
import { BlockTransactions } from "./features/transaction/block-transactions.tsx";

const route = getRouteApi("/block/$id");

/** The page of one block: two features side by side, which know nothing of each other. */
export function BlockRoute(): ReactElement {
  const { id } = route.useParams();
  const { page = 1, find, feerate } = route.useSearch();
  const navigate = useNavigate();
  const openTransaction = useCallback(
    (txid: string) => void navigate({ to: "/tx/$id", params: { id: txid } }),
    [navigate],
  );
  const setSearch = (part: object, isReplacing = false) => {
    const search = ((old: object) => ({ ...old, ...part })) as never;
    void navigate({ to: ".", search, replace: isReplacing, resetScroll: false });
  };
  return (
    <BlockScreen
      id={id}
      filter={{ find, feerate }}
      onFilter={(filter) => setSearch(filter, true)}
      onOpenTransaction={openTransaction}
      transactions={(block) => (
        <BlockTransactions
          blockHash={block.hash}
          transactionCount={block.transaction_count}
          page={page}
          onPage={(next) => setSearch({ page: next > 1 ? next : undefined })}
        />
      )}
    />
  );
}
