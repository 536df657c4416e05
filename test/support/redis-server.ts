import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['redis-server', 'valkey-server']
const USUAL_PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/usr/sbin',
  '/opt/homebrew/bin',
  '/home/linuxbrew/.linuxbrew/bin',
  '/snap/bin',
]
const OLDEST_MAJOR = 7

/** The path of a redis-server (or valkey-server) of version 7 or newer on PATH or in the usual places, if there is one. */
export function findRedisServer(usualPlaces: readonly string[] = USUAL_PLACES): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...usualPlaces].filter((folder) => folder !== '')
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return candidates.find((path) => isExecutable(path) && majorVersion(path) >= OLDEST_MAJOR)
}

type PackageSystem = { readonly command: string; readonly line: string; readonly asRoot: boolean }

const PACKAGE_SYSTEMS: readonly PackageSystem[] = [
  { command: 'apt-get', line: 'apt-get update && apt-get install -y redis-server', asRoot: true },
  { command: 'apk', line: 'apk add --no-cache redis', asRoot: true },
  { command: 'dnf', line: 'dnf install -y redis', asRoot: true },
  { command: 'brew', line: 'brew install redis', asRoot: false },
]

/** What came of asking for a Redis server: its path, or the line that a person has to type to get one. */
export type RedisServer =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'missing'; readonly line: string }

/** Finds a Redis server, or installs one where the system's package manager needs no question for it. */
export function obtainRedisServer(say: (line: string) => void): RedisServer {
  const found = findRedisServer()
  if (found !== undefined) return { kind: 'found', path: found }
  const system = PACKAGE_SYSTEMS.find(({ command }) => isOnPath(command))
  if (system === undefined)
    return {
      kind: 'missing',
      line: 'install Redis 7 or newer: https://redis.io/docs/latest/operate/oss_and_stack/install',
    }
  const isRoot = process.getuid?.() === 0
  const line = system.asRoot && !isRoot ? `sudo sh -c '${system.line}'` : system.line
  if (system.asRoot && !isRoot && !sudoAsksNothing()) return { kind: 'missing', line }
  say(`installing a Redis server: ${line}`)
  // No service may start: the tests run a private server, and a fresh one on port 6379 would only be in the way.
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', HOMEBREW_NO_AUTO_UPDATE: '1' }
  spawnSync('/bin/sh', ['-c', line], { stdio: ['ignore', 2, 2], env: environment })
  const installed = findRedisServer()
  return installed === undefined ? { kind: 'missing', line } : { kind: 'found', path: installed }
}

function sudoAsksNothing(): boolean {
  return isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
}

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function majorVersion(path: string): number {
  try {
    const text = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return Number(/v=(\d+)\./.exec(text)?.[1] ?? 0)
  } catch {
    return 0
  }
}
