// npm run soak -- NAME: real processes under faults for as long as it takes; writes docs/soak/NAME.md.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from '../support/processes.ts'
import { findRedisServer } from '../support/redis-server.ts'
import { clock } from './clock.ts'
import { herd } from './herd.ts'
import { kill } from './kill.ts'
import { rolling } from './rolling.ts'
import type { Soak, SoakResult } from './soak.ts'
import { openEnding } from './stage.ts'

const SOAKS: Readonly<Record<string, Soak>> = { kill, rolling, herd, clock }
const USAGE = 'npm run soak -- NAME [--rounds N] [--seed N] [--minutes N]'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, seed: { type: 'string' }, minutes: { type: 'string' } },
})
const name = positionals[0] ?? ''
const soak = SOAKS[name]
const numbers = Object.values(values).map(Number)
if (soak === undefined || positionals.length > 1 || numbers.some((value) => !Number.isFinite(value) || value <= 0)) {
  console.error(`expected ${Object.keys(SOAKS).join(', ')}, got '${positionals.join(' ')}': ${USAGE}`)
  process.exit(2)
}
const rounds = Number(values.rounds ?? soak.rounds)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const minutes = Number(values.minutes ?? 120)
if (spawnSync(process.execPath, [join(projectRoot, 'test/build.mjs')], { stdio: 'inherit' }).status !== 0)
  process.exit(1)

const line = `npm run soak -- ${name} --rounds ${rounds} --seed ${seed}`
console.log(line)
const started = performance.now()
const end = openEnding()
try {
  const result = await soak.run({ rounds, seed, minutes, end, say: (text) => console.log(`${since(started)} ${text}`) })
  for (const [what, value] of result.figures) console.log(`${what}: ${value}`)
  for (const fault of result.faults) console.error(`FAULT ${fault}`)
  for (const goal of result.slow) console.error(`MISSED ${goal}`)
  console.log(`${result.rounds} rounds, ${result.faults.length} faults`)
  mkdirSync(join(projectRoot, 'docs/soak'), { recursive: true })
  writeFileSync(join(projectRoot, 'docs/soak', `${name}.md`), report(soak, result))
  process.exitCode = result.faults.length + result.slow.length === 0 ? 0 : 1
} finally {
  await end.end()
}

function since(from: number): string {
  const seconds = Math.round((performance.now() - from) / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

function report({ title }: Soak, { rounds: done, did, figures, faults, slow }: SoakResult): string {
  const redis = spawnSync(findRedisServer() ?? 'redis-server', ['--version'], { encoding: 'utf8' }).stdout
  const version = /v=(\S+)/.exec(redis)?.[1] ?? 'unknown'
  const versions = `Node ${process.versions.node}, tz data ${process.versions['tz']}, Redis ${version}, ${availableParallelism()} cores`
  return `# ${title}

Written by \`${line}\` on ${new Date().toISOString().slice(0, 10)}. ${versions}; ${since(started)}.

**${done.toLocaleString('en-US')} ${done === 1 ? 'round' : 'rounds'}${done < rounds ? ` of the ${rounds.toLocaleString('en-US')} asked for (the time was over)` : ''}: ${faults.length === 0 ? 'nothing missing, doubled or unexplained' : `${faults.length} faults`}.**

${did.map((text) => `- ${text}`).join('\n')}

| | |
|---|---|
${figures.map(([what, value]) => `| ${what} | ${value} |`).join('\n')}
${listed('Faults', faults)}${listed('Goals missed', slow)}`
}

function listed(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${title}:\n\n${lines.map((text) => `- ${text}`).join('\n')}\n`
}
