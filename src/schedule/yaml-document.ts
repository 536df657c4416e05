import { Composer, CST, type Document, Lexer, type LineCounter, Parser } from 'yaml'

/** A document of a file, or where it is nested too deep to be looked at, or where a second document begins. */
export type ReadDocument =
  | { readonly kind: 'document'; readonly document: Document.Parsed }
  | { readonly kind: 'too-deep'; readonly offset: number }
  | { readonly kind: 'several'; readonly offset: number }

/**
 * Parses YAML that is nested at most `deepest` levels. What is deeper is refused before the library composes it: it does so by
 * recursion, and a stack that is nearly full can end the whole process.
 */
export function readDocument(text: string, lines: LineCounter, deepest: number): ReadDocument {
  const steep = offsetOfSteep(text, deepest)
  if (steep !== undefined) {
    lines.addNewLine(0)
    for (const { index } of text.slice(0, steep).matchAll(/\n/g)) lines.addNewLine(index + 1)
    return { kind: 'too-deep', offset: steep }
  }
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  const deep = offsetBelow(tokens, deepest)
  if (deep !== undefined) return { kind: 'too-deep', offset: deep }
  // Keys that stand twice are found by us: the library compares each with each.
  const composer = new Composer({ uniqueKeys: false })
  const [document, second] = composer.compose(tokens, true, text.length)
  if (document === undefined) throw new Error('expected the composer to answer a document')
  return second === undefined ? { kind: 'document', document } : { kind: 'several', offset: second.range[0] }
}

/** Where brackets, or the dashes of one line, go deeper than so many levels: found in a tenth of the time that parsing takes. */
function offsetOfSteep(text: string, deepest: number): number | undefined {
  let [offset, brackets, marks, content] = [0, 0, 0, false]
  for (const token of new Lexer().lex(text)) {
    const kind = content ? 'scalar' : CST.tokenType(token)
    const isMark = !content && MARKS.includes(token)
    content = !content && token === CST.SCALAR
    if (kind === 'flow-seq-start' || kind === 'flow-map-start') brackets += 1
    if (kind === 'flow-seq-end' || kind === 'flow-map-end') brackets -= 1
    if (kind === 'seq-item-ind' || kind === 'explicit-key-ind') marks += 1
    if (kind === 'newline') marks = 0
    if (brackets > deepest || marks > deepest) return offset
    if (!isMark) offset += token.length
  }
  return undefined
}

/** What the lexer puts between the pieces of a text; after SCALAR the next piece is content, whatever it looks like. */
const MARKS: readonly string[] = [CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]

type Level = { readonly token: CST.Token; readonly depth: number }

/** Where something is nested deeper than so many levels. */
function offsetBelow(tokens: readonly CST.Token[], deepest: number): number | undefined {
  const left: Level[] = tokens.map((token) => ({ token, depth: 0 }))
  for (let level = left.pop(); level !== undefined; level = left.pop()) {
    const { token, depth } = level
    if (depth > deepest) return token.offset
    if (token.type === 'document' && token.value) left.push({ token: token.value, depth })
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      if (key) left.push({ token: key, depth: depth + 1 })
      if (value) left.push({ token: value, depth: depth + 1 })
    }
  }
  return undefined
}
