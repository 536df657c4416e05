import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A file that the page needs, held in memory; its name changes with its content, so it may be cached for ever. */
export type Asset = { readonly name: string; readonly type: string; readonly body: Buffer }

/** The stylesheet, the script that refreshes, and the icon. */
export const assets = {
  style: asset('page.css', 'text/css; charset=utf-8'),
  script: asset('page.js', 'text/javascript; charset=utf-8'),
  icon: asset('icon.svg', 'image/svg+xml'),
} as const

/** The assets by name: what is asked for is looked up here, and never becomes a path. */
export const assetsByName: ReadonlyMap<string, Asset> = new Map(Object.values(assets).map((each) => [each.name, each]))

function asset(file: string, type: string): Asset {
  const body = readFileSync(new URL(`./assets/${file}`, import.meta.url))
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  return { name: file.replace('.', `.${hash}.`), type, body }
}
