import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { projectRoot, startProcess } from '../support/processes.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'

const inProject = (path: string): string => join(projectRoot, path)

/** Runs a command to its end and answers what it printed; fails with its output when it fails. */
async function run(test: TestContext, cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  // `npm test` tells its children about the package it belongs to; a person who types npm elsewhere has none of that.
  const inherited = Object.keys(process.env).filter((name) => /^npm_(?!config_)|^INIT_CWD$/.test(name))
  const env = {
    ...Object.fromEntries(inherited.map((name) => [name, undefined])),
    REDIS_URL: await testRedisUrl(),
    MORROW_PREFIX: freePrefix(),
  }
  const child = startProcess(test, { command, arguments: args, cwd, env })
  const { code } = await child.exit
  assert.equal(code, 0, `${command} ${args.join(' ')} failed:\n${child.output()}`)
  return child.stdout()
}

/** The code block of README.md that follows `<!-- test:package -->`. */
function readmeProgram(): string {
  const readme = readFileSync(inProject('README.md'), 'utf8')
  const [, program] = /<!-- test:package -->\s*```ts\n([\s\S]*?)```/.exec(readme) ?? []
  assert.ok(program !== undefined, 'expected a ```ts block after <!-- test:package --> in README.md')
  return program
}

/** An empty project with the packed package in it, and zod as the README's reader has. */
async function emptyProject(test: TestContext): Promise<string> {
  if (!existsSync(inProject('dist/index.js'))) await run(test, projectRoot, process.execPath, 'test/build.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'morrow-package-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  await run(test, projectRoot, 'npm', 'pack', ...quiet, '--pack-destination', folder)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? assert.fail('npm pack made no tarball')
  const zod = createRequire(import.meta.url)('zod/package.json') as { readonly version: string }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'newcomer', private: true, type: 'module' }))
  mkdirSync(join(folder, 'node_modules'))
  await run(test, folder, 'npm', 'install', '--prefer-offline', ...quiet, `./${tarball}`, `zod@${zod.version}`)
  return folder
}

test("the packed package installs in an empty project and runs README's first program", async (context) => {
  const folder = await emptyProject(context)
  const installed = join(folder, 'node_modules/morrow')
  assert.deepEqual(
    readdirSync(installed).filter(
      (name) => !['package.json', 'dist', 'docs', 'README.md', 'CHANGELOG.md', 'LICENSE'].includes(name),
    ),
    [],
  )
  assert.equal(existsSync(join(installed, 'dist/examples')), false)

  const names = "import('morrow').then((morrow) => console.log(Object.keys(morrow).join(' ')))"
  assert.match(await run(context, folder, process.execPath, '-e', names), /\bdefineJob\b/)
  await run(context, folder, join(folder, 'node_modules/.bin/morrow'), '--version')

  writeFileSync(join(folder, 'program.ts'), readmeProgram())
  const tsx = inProject('node_modules/tsx/dist/esm/index.mjs')
  await run(context, folder, process.execPath, '--import', tsx, 'program.ts')

  const tsc = inProject('node_modules/typescript/bin/tsc')
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--skipLibCheck',
    '--types',
    'node',
  ]
  const types = ['--typeRoots', inProject('node_modules/@types')]
  await run(context, folder, process.execPath, tsc, ...options, ...types, 'program.ts')
})
