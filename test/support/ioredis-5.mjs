// Preloaded: who imports ioredis gets the oldest release that is supported. Threads and child processes get it too, by NODE_OPTIONS.
import { register } from 'node:module'

const resolve = `export const resolve = (name, context, next) => next(name === 'ioredis' ? 'ioredis-5' : name, context)`
register(`data:text/javascript,${encodeURIComponent(resolve)}`)
