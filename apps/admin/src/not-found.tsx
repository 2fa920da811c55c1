import { Message } from "@bitfleet/ui/states.tsx";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

/** For an address that leads nowhere. */
export function NotFoundScreen(): ReactElement {
  return (
    <Message level={1} title="There is no such page" action={<Link to="/">Go to the dashboard</Link>}>
      The address may be mistyped. Blocks are found by height or hash with the search box above.
    </Message>
  );
}
