// npm run bench: Morrow, as it is built, beside its peers on one Redis. See docs/benchmarks.md.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build, ensureModules, requireNode, root } from '../setup.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const [EX_USAGE, EX_UNAVAILABLE] = [64, 69]

requireNode()
ensureModules()
const { rows } = await import('./rows.mjs')
const options = optionsOf(process.argv.slice(2))
const wanted = rows.filter(({ name }) => options.only.length === 0 || options.only.includes(name))

ensurePeers()
build()
const { tsImport } = await import('tsx/esm/api')
const { obtainRedisServer } = await tsImport('../support/redis-server.ts', import.meta.url)
const { startRedis } = await import('./redis.mjs')
const { openCrew, Unfinished } = await import('./children.mjs')
const { columns, factsOf, figureLine, head } = await import('./table.mjs')

const found = obtainRedisServer((text) => console.error(text))
if (found.kind === 'missing')
  fail(`The benchmark needs redis-server 7 or newer. Type:\n  ${found.line}`, EX_UNAVAILABLE)
const redis = await startRedis(found.path)
const systems = systemsOf()
const facts = factsOf({ redis: redis.version, rounds: options.rounds, quick: options.quick })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

console.log(`${head(facts, systems)}\n\n${columns(systems)}`)
const results = []
for (const row of wanted) {
  const figures = await measured(row)
  results.push(...figures)
  for (const figure of figures) console.log(figureLine(figure))
}
await redis.stop()
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report(), null, 2)}\n`)

/** All rounds of a row, ours and the peers in turn, as figures with medians and ratios. */
async function measured(row) {
  const taken = new Map(systems.map(({ name }) => [name, []]))
  for (let round = 0; round < options.rounds; round++) {
    for (const { name } of systems) {
      const earlier = taken.get(name)
      // What did not finish once is not waited for again.
      if (row.only !== undefined && row.only !== name) earlier.push({ note: '–' })
      else if (earlier.some(({ note }) => note !== undefined)) earlier.push(earlier.at(-1))
      else earlier.push(await measuredOnce(row, name))
    }
  }
  return row.figures.map((figure, index) => figureOf(row, figure, index, taken))
}

async function measuredOnce(row, system) {
  const size = options.quick ? 'quick' : 'full'
  await redis.empty()
  const deadline = performance.now() + row.limit[size] * 1_000
  const crew = openCrew({ system, redis: redis.address, cwd: redis.directory, deadline })
  try {
    const values = await row.measure({ crew, redis, ...row.sizes[size] })
    return values.includes(null) ? { note: '–' } : { values }
  } catch (error) {
    if (error instanceof Unfinished) return { note: `over ${row.limit[size]} s`, why: error.message }
    return { note: 'failed', why: error instanceof Error ? error.message : String(error) }
  } finally {
    await crew.end()
  }
}

function figureOf(row, { key, label, better }, index, taken) {
  const cells = systems.map(({ name }) => {
    const runs = taken.get(name)
    const failed = runs.find(({ note }) => note !== undefined)
    if (failed && index === 0 && failed.why) console.error(`${row.name}, ${name}: ${failed.note} (${failed.why})`)
    const rounds = runs.flatMap(({ values }) => (values ? [values[index]] : []))
    return { system: name, median: failed ? null : median(rounds), note: failed?.note, why: failed?.why, rounds }
  })
  const [ours, ...peers] = cells.map((cell) => cell.median)
  const ratios = peers.map((peer) => (!(ours > 0 && peer > 0) ? null : better === 'more' ? ours / peer : peer / ours))
  const size = options.quick ? row.sizes.quick : row.sizes.full
  return {
    row: row.name,
    key,
    label: label.replace('{count}', size.count.toLocaleString('en')),
    better,
    ...size,
    cells,
    ratios: [null, ...ratios],
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** What a program reads: every round, not only the medians. */
function report() {
  const figures = results.map(({ row, key, label, better, count, cells, ratios }) => ({
    ...{ row, key, label, better, count },
    systems: cells.map(({ system, median, rounds, note, why }, index) => ({
      ...{ system, median, rounds, ratio: ratios[index] ?? null },
      ...(note === undefined ? {} : { note }),
      ...(why === undefined ? {} : { why }),
    })),
  }))
  return { ...facts, systems: systems.map(({ name, label }) => ({ name, label })), figures }
}

/** Ours first, then the peers; a label is a name and the version that is measured. */
function systemsOf() {
  const { version } = read(join(root, 'package.json'))
  const peer = (name, label) => ({
    name,
    label: `${label} ${read(join(here, `node_modules/${name}/package.json`)).version}`,
  })
  return [
    { name: 'morrow', label: `Morrow ${version}` },
    peer('bullmq', 'BullMQ'),
    peer('bee-queue', 'bee-queue'),
    peer('node-resque', 'node-resque'),
  ]
}

/** The peers are dependencies of the benchmark alone, so its first run brings them. */
function ensurePeers() {
  const { dependencies } = read(join(here, 'package.json'))
  const isThere = ([name, version]) => {
    try {
      return read(join(here, `node_modules/${name}/package.json`)).version === version
    } catch {
      return false
    }
  }
  if (Object.entries(dependencies).every(isThere)) return
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error']
  console.error(`installing what Morrow is measured beside: npm install --prefix test/bench ${flags.join(' ')}`)
  const { status } = spawnSync('npm', ['install', '--prefix', here, ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) fail('the peers could not be installed; see above', EX_UNAVAILABLE)
}

function optionsOf(args) {
  const known = {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  }
  try {
    const { values } = parseArgs({ args, options: known })
    if (values.help) {
      console.log(USAGE())
      process.exit(0)
    }
    const only = values.only.flatMap((names) => names.split(','))
    const unknown = only.filter((name) => !rows.some((row) => row.name === name))
    if (unknown.length > 0) throw new Error(`--only: expected ${names()}, got ${unknown.join(', ')}`)
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > 9)
      throw new Error(`--rounds: expected 1 to 9, got ${values.rounds}`)
    const json = values.json === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.json)
    return { quick: values.quick, only, rounds, json }
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE()}`, EX_USAGE)
  }
}

function names() {
  return rows.map(({ name }) => name).join(', ')
}

function USAGE() {
  return `npm run bench -- [--quick] [--only ROW[,ROW]] [--rounds N] [--json FILE]

  --quick    small counts and one round: under a minute, to see that all works
  --only     only these rows: ${names()}
  --rounds   how often each row is measured; the medians are printed (3, quick 1)
  --json     writes every round of every figure to a file, too`
}

function fail(message, code) {
  console.error(message)
  process.exit(code)
}
