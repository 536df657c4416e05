import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

/** The version of this release. */
export const VERSION = manifest.version

/** The version of this process's time-zone data, such as '2026a'. */
export const TZ_DATA = process.versions['tz'] ?? 'unknown'
