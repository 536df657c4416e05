// A process with the roles that ROLES names; the environment says the rest.
import { readConfig } from '../../../src/config.ts'
import { createScheduler, createWorker } from '../../../src/index.ts'
import { handlersByName } from '../../../src/job/handler.ts'
import type { Service } from '../../../src/lifecycle/service.ts'
import { handleSignals } from '../../../src/lifecycle/signals.ts'
import { systemClock } from '../../../src/time/system-clock.ts'
import { createLogger } from '../../../src/wiring/log.ts'
import { roleService } from '../../../src/wiring/roles.ts'
import { note, noteHandler } from './jobs.ts'

const config = readConfig()
const untilEmpty = process.env['UNTIL_EMPTY'] === '1'

function serviceOf(roles: string): Service {
  if (roles === 'worker') return createWorker({ handlers: [noteHandler], untilEmpty })
  if (roles === 'scheduler') return createScheduler({ jobs: [note] })
  const handlers = handlersByName([noteHandler])
  return roleService({ config, roles: ['worker', 'scheduler'], handlers, jobs: [note], logger: createLogger(config) })
}

const service = serviceOf(process.env['ROLES'] ?? 'worker')
handleSignals({
  stop: (hurry) => {
    hurry.addEventListener('abort', service.hurry)
    return service.stop()
  },
  deadline: config.shutdownTimeout,
  clock: systemClock,
  exit: (code, fault) => {
    if (fault !== undefined) process.stderr.write(`${fault}\n`)
    process.exit(code)
  },
})
await service.start()
process.stdout.write(`running ${process.pid}\n`)
await service.ended
