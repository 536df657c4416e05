import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  isArrowFunction,
  isCallExpression,
  isConstructorDeclaration,
  isExportDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isIdentifier,
  isImportDeclaration,
  isMethodDeclaration,
  isNewExpression,
  isPropertyAccessExpression,
  isSetAccessorDeclaration,
  isStringLiteral,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the house rules look at in one source file. */
export type Source = {
  /** From the root of the project, with slashes. */
  readonly path: string
  readonly room: string
  readonly text: string
  /** Paths of files of ours that it imports, and names of packages. */
  readonly imports: readonly string[]
  /** Globals that it touches: `setTimeout`, `Date.now`, `process.env`, `new Date()`. */
  readonly touches: readonly string[]
  readonly functions: readonly { readonly line: number; readonly lines: number }[]
}

/** The number of lines of a text, not counting the end of the last. */
export const lineCount = (text: string): number => text.replace(/\n$/, '').split('\n').length

/** Every file below a folder of the project with this ending, from the root of the project. */
export function filesUnder(folder: string, ending: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name.split(sep).join('/')}`)
}

/** The text of a file of the project. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** All sources of the house, parsed by the compiler itself. */
export function readSources(): readonly Source[] {
  const api = new API({ cwd: root })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] })
    const program = snapshot.getProject(join(root, 'tsconfig.json'))?.program
    return filesUnder('src', '.ts').flatMap((path) => {
      const file = program?.getSourceFile(join(root, path))
      return file === undefined ? [] : [sourceOf(path, file)]
    })
  } finally {
    api.close()
  }
}

/** The first folder below src, or the file's own name; `config-….ts` are rooms of `config.ts`. */
const roomOf = (path: string): string => path.split('/')[1]?.replace(/(-[\w-]+)?\.ts$/, '') ?? ''

function sourceOf(path: string, file: SourceFile): Source {
  const imports: string[] = []
  const touches: string[] = []
  const functions: { line: number; lines: number }[] = []
  const visit = (node: Node): void => {
    const specifier = importedBy(node)
    if (specifier !== undefined) imports.push(resolved(path, specifier))
    const touched = touchedBy(node)
    if (touched !== undefined) touches.push(touched)
    if (isFunction(node)) {
      const start = node.getStart(file)
      functions.push({ line: lineCount(file.text.slice(0, start)), lines: lineCount(file.text.slice(start, node.end)) })
    }
    node.forEachChild(visit)
  }
  visit(file)
  return { path, room: roomOf(path), text: file.text, imports, touches, functions }
}

function importedBy(node: Node): string | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) {
    return node.moduleSpecifier !== undefined && isStringLiteral(node.moduleSpecifier)
      ? node.moduleSpecifier.text
      : undefined
  }
  if (!isCallExpression(node) || node.expression.getText() !== 'import') return undefined
  const [specifier] = node.arguments
  return specifier !== undefined && isStringLiteral(specifier) ? specifier.text : undefined
}

/** A relative import as a path from the root; a package as its name. */
function resolved(from: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return relative(root, resolve(root, dirname(from), specifier))
      .split(sep)
      .join('/')
  if (specifier.startsWith('node:timers')) return 'node:timers'
  return specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '')
}

function touchedBy(node: Node): string | undefined {
  if (isPropertyAccessExpression(node))
    return `${node.expression.getText()}.${node.name.getText()}`.replace('globalThis.', '')
  if (isNewExpression(node)) return `new ${node.expression.getText()}(${node.arguments?.length ? '…' : ''})`
  return isIdentifier(node) ? node.getText() : undefined
}

const isFunction = (node: Node): boolean =>
  isFunctionDeclaration(node) ||
  isFunctionExpression(node) ||
  isArrowFunction(node) ||
  isMethodDeclaration(node) ||
  isConstructorDeclaration(node) ||
  isGetAccessorDeclaration(node) ||
  isSetAccessorDeclaration(node)
