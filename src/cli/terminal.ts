/** Where a command writes: data to `out`, messages to `say`. Whole lines, without their end. */
export type Terminal = {
  out(text: string): void
  say(text: string): void
  /** Whether colours are wanted on `out`. */
  readonly colour: boolean
}

/** What a command prints: the text for people, or the value for machines. */
export type Printed = { readonly text: string; readonly value: unknown }

/** Prints one or the other. */
export const print = ({ out }: Terminal, json: boolean | undefined, { text, value }: Printed): void => {
  const shown = json === true ? JSON.stringify(value, null, 2) : harmless(text)
  if (shown !== '') out(shown)
}

/** What stands in Redis or in a file may hold what steers a terminal: it is shown, not obeyed. */
const harmless = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]/gu, (steering) => `\\x${steering.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** Rows as columns of equal width, the first row being the heads; numbers stand to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => String(row[column] ?? '').length)),
  )
  const isNumber = (column: number): boolean =>
    rows.length > 1 && rows.slice(1).every((row) => typeof row[column] === 'number')
  const cell = (value: string | number | undefined, column: number): string =>
    isNumber(column)
      ? String(value ?? '').padStart(widths[column] ?? 0)
      : String(value ?? '').padEnd(widths[column] ?? 0)
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}
