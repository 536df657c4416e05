import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planProcesses } from '../../src/cli/dev-plan.ts'
import { parseFormation, parseProcfile } from '../../src/cli/procfile.ts'
import { ConfigError } from '../../src/config.ts'

const TEXT = `# what runs
release: node dist/cli/main.js schedule lint
web: NODE_ENV=test node "dist/my app/main.js" --host 0.0.0.0 --port=$PORT

worker: exec node dist/cli/main.js worker --queues 'critical,*'
clock: morrow run scheduler --host=::
`

const plan = (text: string, formation = '', healthPort: number | undefined = undefined) => {
  const types = parseProcfile(text)
  return planProcesses(types, {
    config: { port: 5678, healthPort },
    formation: formation === '' ? new Map() : parseFormation(formation, types),
    colour: false,
    folder: '/app',
    environment: { PATH: '/bin', HOME: '/home/ada', EMPTY: '' },
  })
}

test('a Procfile is taken apart without a shell', () => {
  assert.deepEqual(
    parseProcfile(TEXT).map(({ name, words, env }) => [name, words, env]),
    [
      ['release', ['node', 'dist/cli/main.js', 'schedule', 'lint'], {}],
      ['web', ['node', 'dist/my app/main.js', '--host', '0.0.0.0', '--port=$PORT'], { NODE_ENV: 'test' }],
      ['worker', ['node', 'dist/cli/main.js', 'worker', '--queues', 'critical,*'], {}],
      ['clock', ['morrow', 'run', 'scheduler', '--host=::'], {}],
    ],
  )
})

test('what only a shell could do is refused, every fault with its line', () => {
  const text = 'web: node a.js && node b.js\nnonsense\nworker: node "a.js\nweb: node c.js > log\nweb: x\nweb: y\n'
  assert.throws(
    () => parseProcfile(text),
    (error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(
        error.faults.map((fault) => fault.replace(/;.*|, got ".*/, '')),
        [
          `Procfile:1: expected a command that needs no shell, got '&' in "node a.js && node b.js"`,
          'Procfile:2: expected name: command',
          'Procfile:3: expected every quote to be closed',
          `Procfile:4: expected a command that needs no shell, got '>' in "node c.js > log"`,
          'Procfile: web stands twice',
        ],
      )
      return true
    },
  )
})

test('every process is planned on loopback with a port of its own, the release is not', () => {
  const plans = plan(TEXT, 'worker=2')
  assert.deepEqual(
    plans.map(({ title, env, loadsJobs, readsSchedules }) => [title, env['PORT'], loadsJobs, readsSchedules]),
    [
      ['web.1', '5678', false, false],
      ['worker.1', '5778', true, false],
      ['worker.2', '5779', true, false],
      ['clock.1', '5878', true, true],
    ],
  )
  const [web, worker, , clock] = plans
  assert.equal(web?.command, process.execPath)
  assert.deepEqual(web?.args, ['dist/my app/main.js', '--host', '127.0.0.1', '--port=5678'])
  assert.deepEqual([web?.env['HOST'], web?.env['NODE_ENV']], ['127.0.0.1', 'test'])
  assert.deepEqual(worker?.args, ['dist/cli/main.js', 'worker', '--queues', 'critical,*'])
  assert.deepEqual([clock?.command, clock?.args.at(-1)], [process.execPath, '--host=127.0.0.1'])
})

test('health checks get a port each, and a formation names types that there are', () => {
  assert.deepEqual(
    plan(TEXT, 'web=0', 9000).map(({ env }) => env['HEALTH_PORT']),
    ['9000', '9001'],
  )
  assert.throws(() => plan(TEXT, 'wroker=2'), /expected type=number with a type of the Procfile/)
})

test('a line without a command is a fault, and so is what a shell would make of a variable', () => {
  assert.throws(
    () => parseProcfile('a: X=1\nb: ""\nc: exec\nd: node a.js \u0024{PORT:-1}\n'),
    (error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(error.faults.slice(0, 3), [
        'Procfile:1: expected a command for a, got "X=1"',
        'Procfile:2: expected a command for b, got ""',
        'Procfile:3: expected a command for c, got "exec"',
      ])
      assert.match(error.faults[3] ?? '', /^Procfile:4: expected a command that needs no shell, got '\$\{'/)
      return true
    },
  )
})

test('variables stand for what the environment says, but not behind a backslash or in single quotes', () => {
  const words = ['$PORT', '\u0024{HOME}/y', "'$HOME'", '\\$HOME', '"\\$HOME"', '$NOPE', '$EMPTY', '""', 'a$']
  const [one] = plan(`one: AT="$HOME/x" node a.js ${words.join(' ')} $AT`)
  assert.deepEqual(one?.args, ['a.js', '5778', '/home/ada/y', '$HOME', '$HOME', '$HOME', '', 'a$'])
  assert.equal(one?.env['AT'], '/home/ada/x')
})

test('with port 0 every process takes a free port of its own', () => {
  const plans = planProcesses(parseProcfile('web: node a.js\nworker: node b.js\n'), {
    config: { port: 0, healthPort: undefined },
    formation: new Map(),
    colour: false,
    folder: '/app',
    environment: {},
  })
  assert.deepEqual(
    plans.map(({ env }) => env['PORT']),
    ['0', '0'],
  )
})
