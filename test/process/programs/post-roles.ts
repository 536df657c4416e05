// One role of a post office; the environment says which, and where Redis is.
import { readConfig } from '../../../src/config.ts'
import { createScheduler, createWeb, createWorker } from '../../../src/index.ts'
import { handleSignals } from '../../../src/lifecycle/signals.ts'
import { systemClock } from '../../../src/time/system-clock.ts'
import { carriers, post } from './post.ts'

const role = process.env['ROLE']
const web = role === 'web' ? createWeb() : undefined
const service = web ?? (role === 'scheduler' ? createScheduler({ jobs: post }) : createWorker({ handlers: carriers }))
handleSignals({
  stop: () => service.stop(),
  deadline: readConfig().shutdownTimeout,
  clock: systemClock,
  exit: (code) => process.exit(code),
})
await service.start()
process.stdout.write(`running ${web?.url() ?? role}\n`)
await service.ended
