import { Message } from "@bitfleet/ui/states.tsx";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.notFound;

/** For an address that leads nowhere. */
export function NotFoundScreen(): ReactElement {
  return (
    <Message level={1} title={texts.title} action={<Link to="/">{texts.home}</Link>}>
      {texts.text}
    </Message>
  );
}
