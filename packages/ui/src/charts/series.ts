/** One line of a chart. */
export interface Series {
  readonly label: string;
  /** One for each time; `null` leaves a gap. */
  readonly values: readonly (number | null)[];
  /** Of the theme: "--bf-brand" where absent, for the first. */
  readonly color?: `--bf-${string}`;
  /** Fills the area below. */
  readonly isFilled?: boolean;
  /** Draws it in steps, for what changes at once. */
  readonly isStepped?: boolean;
}

export interface TimeSeriesProps {
  readonly title: string;
  /** Seconds since 1970 (or heights, with `isHeight`), ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  /** A value as text, for axis, readout and summary. */
  readonly format: (value: number) => string;
  /** The horizontal axis counts blocks. */
  readonly isHeight?: boolean;
  /** Of the drawing, in pixels. */
  readonly height?: number;
  /** The axis begins at 0; default true. */
  readonly isFromZero?: boolean;
}
