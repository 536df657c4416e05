import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesUnder, lineCount, read, readSources, type Source } from './source.ts'

const GROUND = ['errors', 'time', 'job', 'schedule']
const FIRST_FLOOR = [...GROUND, 'store', 'timetable', 'lifecycle']
const SECOND_FLOOR = [...FIRST_FLOOR, 'client', 'scheduler', 'worker', 'web', 'config']

/** Which rooms a room may import, besides itself. Downwards only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  time: ['errors'],
  job: ['errors', 'time'],
  schedule: ['errors', 'time', 'job'],
  config: ['errors', 'time', 'job'],
  store: GROUND,
  timetable: [...GROUND, 'store'],
  lifecycle: ['errors', 'time'],
  client: FIRST_FLOOR,
  scheduler: FIRST_FLOOR,
  worker: FIRST_FLOOR,
  web: FIRST_FLOOR,
  wiring: SECOND_FLOOR,
  index: [...SECOND_FLOOR, 'wiring'],
  cli: [...SECOND_FLOOR, 'wiring', 'index'],
}

const CLOCK = ['src/time/system-clock.ts']

/** Where a package may be imported and a global touched: paths begin with one of these. */
const ONLY_IN: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    ioredis: ['src/store/'],
    fastify: ['src/web/'],
    'prom-client': ['src/web/'],
    'cron-parser': ['src/time/', 'src/schedule/'],
    luxon: ['src/time/', 'src/schedule/'],
    yaml: ['src/schedule/'],
    commander: ['src/cli/'],
    pino: ['src/wiring/'],
    'process.env': ['src/config.ts'],
    'Date.now': CLOCK,
    'new Date()': CLOCK,
    'performance.now': CLOCK,
    'process.hrtime': CLOCK,
    setTimeout: CLOCK,
    setInterval: CLOCK,
    'node:timers': CLOCK,
  }),
)

const BUDGET = { file: 250, function: 40, script: 60, prelude: 60 }

const sources: readonly Source[] = readSources()
const isOurs = (path: string): boolean => path.startsWith('src/')
const roomOf = (path: string): string => sources.find((source) => source.path === path)?.room ?? path

test('rooms import downwards only', () => {
  const wrong = sources.flatMap(({ path, room, imports }) => {
    const allowed = [room, ...(MAY_IMPORT[room] ?? [])]
    return imports.filter((to) => isOurs(to) && !allowed.includes(roomOf(to))).map((to) => `${path} imports ${to}`)
  })
  assert.deepEqual(wrong, [])
})

test('every room of the house is known', () => {
  assert.deepEqual(
    [...new Set(sources.map(({ room }) => room))].filter((room) => !(room in MAY_IMPORT)),
    [],
  )
})

test('a thing is touched only where it belongs', () => {
  const wrong = sources.flatMap(({ path, imports, touches }) =>
    [...new Set([...imports, ...touches])]
      .filter((thing) => ONLY_IN.get(thing)?.some((place) => path.startsWith(place)) === false)
      .map((thing) => `${path} touches ${thing}`),
  )
  assert.deepEqual(wrong, [])
})

test('no imports go in a circle', () => {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports.filter(isOurs)]))
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
    if (done.has(path) || trail.includes(path)) return
    for (const to of importsOf.get(path) ?? []) walk(to, [...trail, path])
    done.add(path)
  }
  for (const { path } of sources) walk(path, [])
  assert.deepEqual(circles, [])
})

test('files, functions and scripts keep their budgets of lines', () => {
  const wrong = sources.flatMap(({ path, text, functions }) => [
    ...(lineCount(text) > BUDGET.file ? [`${path} has ${lineCount(text)} lines`] : []),
    ...functions
      .filter(({ lines }) => lines > BUDGET.function)
      .map(({ line, lines }) => `${path}:${line} has ${lines} lines`),
  ])
  const scripts = filesUnder('src', '.lua').flatMap((path) => {
    const lines = lineCount(read(path))
    return lines > (path.endsWith('/record.lua') ? BUDGET.prelude : BUDGET.script) ? [`${path} has ${lines} lines`] : []
  })
  assert.deepEqual([...wrong, ...scripts], [])
})

test('every script begins with its meaning', () => {
  const silent = filesUnder('src', '.lua').filter((path) => !/^(#!lua[^\n]*\n)?--\s*\w.{10}/.test(read(path)))
  assert.deepEqual(silent, [])
})

test('nobody talks the compiler or the linter out of a fault', () => {
  const wrong = sources.filter(({ text }) =>
    /@ts-(ignore|nocheck|expect-error)|biome-ignore(-all)? lint\/(style|\w+\/noExplicitAny)/.test(text),
  )
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('every error code stands in docs/errors.md', () => {
  const codes = read('src/errors.ts').match(/(?<=^ {2}\| ')MORROW_\w+/gm) ?? []
  assert.ok(codes.length > 10)
  const docs = read('docs/errors.md')
  assert.deepEqual(
    codes.filter((code) => !docs.includes(`\`${code}\``)),
    [],
  )
})
