import { html, type Markup, type Piece } from './html.ts'

/** A column: its heading, how a row is shown in it, and whether it holds numbers. The first one names the row. */
export type Column<Row> = { readonly title: string; readonly number?: boolean; readonly cell: (row: Row) => Piece }

export type TableParts<Row> = {
  readonly id: string
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowClass?: (row: Row) => string
}

/**
 * A table that scrolls within its own box, which the keyboard can reach. On a narrow screen its rows are cards and its
 * cells say their heading themselves; the roles keep it a table for those who hear it.
 */
export function table<Row>({ id, caption, columns, rows, rowClass = () => '' }: TableParts<Row>): Markup {
  const head = columns.map(
    ({ title, number = false }) =>
      html`<th scope="col" role="columnheader"${number && html` class="number"`}>${title}</th>`,
  )
  const body = rows.map(
    (row) => html`<tr role="row" class="${rowClass(row)}">${columns.map((each, at) => cell(each, row, at))}</tr>\n`,
  )
  return html`<div class="scroll" id="${id}-box" role="region" aria-labelledby="${id}-caption" tabindex="0">
<table role="table" aria-labelledby="${id}-caption">
<caption id="${id}-caption">${caption}</caption>
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">
${body}</tbody>
</table>
</div>`
}

function cell<Row>({ title, cell: show, number = false }: Column<Row>, row: Row, at: number): Markup {
  if (at === 0) return html`<th scope="row" role="rowheader">${show(row)}</th>`
  return html`<td role="cell" data-title="${title}"${number && html` class="number"`}><div>${show(row)}</div></td>`
}
