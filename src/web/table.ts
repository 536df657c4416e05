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

/** A table that scrolls within its own box, which the keyboard can reach. */
export function table<Row>({ id, caption, columns, rows, rowClass = () => '' }: TableParts<Row>): Markup {
  const head = columns.map(
    ({ title, number = false }) => html`<th scope="col"${number && html` class="number"`}>${title}</th>`,
  )
  const body = rows.map(
    (row) => html`<tr class="${rowClass(row)}">${columns.map((each, at) => cell(each, row, at))}</tr>\n`,
  )
  return html`<div class="scroll" id="${id}-box" role="region" aria-labelledby="${id}-caption" tabindex="0">
<table>
<caption id="${id}-caption">${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>
</div>`
}

function cell<Row>({ cell: show, number = false }: Column<Row>, row: Row, at: number): Markup {
  if (at === 0) return html`<th scope="row">${show(row)}</th>`
  return number ? html`<td class="number">${show(row)}</td>` : html`<td>${show(row)}</td>`
}
