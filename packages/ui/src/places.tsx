import { createContext, type ReactElement, type ReactNode, use } from "react";
import { shortHash } from "./format.ts";
import { Hash } from "./hash.tsx";

/** Things of the chain that have pages of their own. */
export type PlaceKind = "block" | "transaction" | "output" | "address";

/** `id`: block hash or height, txid, txid:index, address. */
export interface Place {
  readonly kind: PlaceKind;
  readonly id: string;
}

export interface PlaceLinkProps {
  readonly place: Place;
  readonly children: ReactNode;
  readonly className?: string | undefined;
  readonly tabIndex?: number | undefined;
}

type PlaceLinkOf = (props: PlaceLinkProps) => ReactElement;

const PlaceLinkContext = createContext<PlaceLinkOf>(({ children, className }) => (
  <span className={className}>{children}</span>
));

/** Gives everything below it the application's way of leading to a place. */
export function PlaceLinks({ link, children }: { readonly link: PlaceLinkOf; readonly children: ReactNode }) {
  return (<PlaceLinkContext value={link}>{children}</PlaceLinkContext>) as ReactElement;
}

/** Leads to the page of a place; plain text where the application has none. */
export function PlaceLink(props: PlaceLinkProps): ReactElement {
  const Link = use(PlaceLinkContext);
  return <Link {...props} />;
}

interface HashLinkProps {
  readonly isWhole?: boolean;
  /** Digits left at both ends where the middle is left out. */
  readonly edgeCount?: number;
  /** Without it there is a button that copies it all. */
  readonly hasNoCopy?: boolean;
}

/** A block's hash (or height) that leads to its page. `children` are shown in its place. */
export function BlockLink({
  id,
  children,
  ...look
}: HashLinkProps & { readonly id: string; readonly children?: ReactNode }): ReactElement {
  if (children !== undefined) return <PlaceLink place={{ kind: "block", id }}>{children}</PlaceLink>;
  return <HashLink place={{ kind: "block", id }} label="block hash" {...look} />;
}

/** A txid that leads to the transaction's page; with `vout` to that output of it. */
export function TransactionLink({
  txid,
  vout,
  ...look
}: HashLinkProps & { readonly txid: string; readonly vout?: number }): ReactElement {
  if (vout === undefined) return <HashLink place={{ kind: "transaction", id: txid }} label="txid" {...look} />;
  return <HashLink place={{ kind: "output", id: `${txid}:${vout}` }} label="output" {...look} />;
}

/** An address that leads to its page. */
export function AddressLink({ address, ...look }: HashLinkProps & { readonly address: string }): ReactElement {
  return <HashLink place={{ kind: "address", id: address }} label="address" edgeCount={11} {...look} />;
}

function HashLink({
  place,
  label,
  isWhole = false,
  edgeCount = 8,
  hasNoCopy = false,
}: HashLinkProps & { readonly place: Place; readonly label: string }): ReactElement {
  if (hasNoCopy) {
    return (
      <PlaceLink place={place}>
        <span title={place.id}>{isWhole ? place.id : shortHash(place.id, edgeCount)}</span>
      </PlaceLink>
    );
  }
  return (
    <Hash
      value={place.id}
      label={label}
      isWhole={isWhole}
      edgeCount={edgeCount}
      link={(text) => <PlaceLink place={place}>{text}</PlaceLink>}
    />
  );
}
