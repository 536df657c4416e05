import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { findConfigFile } from '../../src/cli/project.ts'
import { IMPORTS, type Ran, userProject, withTsx } from './support.ts'

const says = ({ code, said }: Ran, text: RegExp): void => {
  assert.equal(code, 78, said)
  assert.match(said, text)
  assert.doesNotMatch(said, /node:internal/)
}

test('the configuration file is the one that a flag, the environment or package.json names, else the usual one', async (context) => {
  const { folder, write } = await userProject(context, { 'morrow.config.mjs': '', 'other/its.mjs': '' })
  assert.equal(findConfigFile(undefined, folder), join(folder, 'morrow.config.mjs'))
  assert.equal(findConfigFile('other/its.mjs', folder), join(folder, 'other/its.mjs'))
  write('package.json', '{ "morrow": { "config": "other/its.mjs" } }')
  assert.equal(findConfigFile(undefined, folder), join(folder, 'other/its.mjs'))
  assert.throws(() => findConfigFile('nowhere.js', folder), /expected a file, found none/)
  assert.equal(findConfigFile(undefined, join(folder, 'other')), undefined)
})

test('TypeScript comes before JavaScript where it can be loaded', async (context) => {
  const { folder } = await userProject(context, { 'morrow.config.ts': '', 'morrow.config.js': '' })
  if (!Reflect.get(process.features, 'typescript')) {
    assert.equal(findConfigFile(undefined, folder), join(folder, 'morrow.config.js'))
  }
  withTsx(folder)
  assert.equal(findConfigFile(undefined, folder), join(folder, 'morrow.config.ts'))
})

test('a configuration in TypeScript is loaded through tsx', async (context) => {
  const project = await userProject(context, {
    'morrow.config.ts': `${IMPORTS}type Length = string\nconst lease: Length = '20s'\nexport default defineConfig({ lease })\n`,
  })
  if (!Reflect.get(process.features, 'typescript')) {
    says(await project.run('config'), /cannot load TypeScript and tsx is not installed; type `npm install tsx`/)
  }
  withTsx(project.folder)
  assert.match((await project.run('config')).out, /^lease +20 s +file$/m)
})

test('what is wrong with a configuration file is said in one text', async (context) => {
  const project = await userProject(context)
  const config = (text: string): Promise<Ran> => {
    const file = `c${Math.random()}.mjs`
    project.write(file, text)
    return project.run('config', '--config', file)
  }
  says(
    await config('export const something = 1'),
    /expected `export default defineConfig\(\{ … \}\)`, got no such export/,
  )
  says(
    await config('export default { concurency: 3, handlers: [], jobs: 4 }'),
    /concurency in .*did you mean concurrency\?[\s\S]*jobs in .*expected a list/,
  )
  says(
    await config('export default { concurrency: 0 }'),
    /concurrency in the configuration file: expected a whole number/,
  )
  says(await config(`throw new TypeError('no database')`), /cannot be loaded: TypeError: no database\n +at file:.*c0\./)
  says(await config(`${IMPORTS}export default defineConfig({ jobs: [defineJob({ name: 'no good' })] })`), /no good/)
  says(await config('export default []'), /expected `export default defineConfig/)
  says(
    await config('export default { jobs: [{ name: "a" }, null] }'),
    /at place 1, got {"name":"a"}[\s\S]*at place 2, got null/,
  )
  const twins = `[defineJob({ name: 'a' }), defineJob({ name: 'a', queue: 'b' })]`
  says(await config(`${IMPORTS}export default { jobs: ${twins} }`), /two job types have the name a/)
  says(await project.run('config', '--config', 'none.js'), /expected a file, found none/)
})

test('a configuration file that never finishes loading is said, not left without a word', async (context) => {
  const project = await userProject(context, { 'c.mjs': 'await new Promise(() => {})\nexport default {}' })
  const child = project.start(['config', '--config', 'c.mjs'])
  assert.equal((await child.exit).code, 78)
  assert.match(child.stderr(), /c\.mjs cannot be loaded: it waits for what never comes/)
})

test('a configuration may be CommonJS, written so or compiled to it', async (context) => {
  const project = await userProject(context, {
    'plain.cjs': `module.exports = { lease: '20s' }`,
    'compiled.cjs': `Object.defineProperty(exports, '__esModule', { value: true })\nexports.default = { lease: '20s' }`,
  })
  for (const file of ['plain.cjs', 'compiled.cjs']) {
    assert.match((await project.run('config', '--config', file)).out, /^lease +20 s +file$/m)
  }
})

test('a worker needs handlers and says so', async (context) => {
  const project = await userProject(context)
  says(await project.run('worker'), /a worker needs a configuration file that says its handlers/)
  project.write('morrow.config.mjs', 'export default {}')
  says(await project.run('worker'), /a worker needs handlers; write handlers:/)
  project.write('other.mjs', 'export default { handlers: () => 3 }')
  says(await project.run('worker', '--config', 'other.mjs'), /expected a list of handlers/)
  project.write('lost.mjs', `export default { handlers: () => import('./nowhere.mjs') }`)
  says(await project.run('worker', '--config', 'lost.mjs'), /handlers in .*lost\.mjs cannot be loaded: .*nowhere\.mjs/)
})
