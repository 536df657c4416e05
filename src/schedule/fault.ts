/** A place in a file; line and column count from 1, and 0 stands for the file as a whole. */
export type Place = { readonly file: string; readonly line: number; readonly column: number }

/** What is wrong at a place: what was expected, what came, and what to write. */
export type Fault = Place & { readonly message: string }

/** 'schedules/mail.yml:6:14: expected …'. */
export const formatFault = ({ file, line, column, message }: Fault): string =>
  line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`

/** Faults of one file as they stand in it. */
export const inOrder = (faults: readonly Fault[]): readonly Fault[] =>
  [...faults].sort((a, b) => a.line - b.line || a.column - b.column)
