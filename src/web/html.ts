declare const safe: unique symbol

/** Text that may stand in a page as it is; only `html` makes it. */
export type Markup = { readonly [safe]: true; toString(): string }

/** What may be put into a template: text is escaped, markup is not, lists are joined, false and null are nothing. */
export type Piece = Markup | string | number | false | null | undefined | readonly Piece[]

/** A template whose every value is escaped, in text and in quoted attributes alike: the only way to make markup. */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  const text = parts.reduce((made, part, index) => made + written(values[index - 1]) + part)
  return { toString: () => text } as Markup
}

function written(piece: Piece): string {
  if (typeof piece === 'string') return escaped(visible(piece))
  if (typeof piece === 'number') return String(piece)
  if (piece === false || piece === null || piece === undefined) return ''
  return isList(piece) ? piece.map(written).join('') : piece.toString()
}

const isList = (piece: Markup | readonly Piece[]): piece is readonly Piece[] => Array.isArray(piece)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

const escaped = (text: string): string => text.replace(/[&<>"'`]/g, (found) => ENTITIES[found] ?? '')

/** Control and bidirectional characters are shown by their code, so that a text cannot pretend to be another. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, (found) => {
    const code = found.codePointAt(0) ?? 0
    return `\\u{${code.toString(16)}}`
  })
