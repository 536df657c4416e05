import type { TestContext } from 'node:test'
import type { MorrowEvent } from '../../src/job/events.ts'
import { createConnection } from '../../src/store/connection.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { openWeb, type WebParts } from '../../src/web/web.ts'
import { freePrefix, testRedisUrl } from '../support/redis.ts'

/** Where the tests' Redis is, and a namespace of the test's own. */
export type Home = { readonly url: string; readonly prefix: string; readonly store: Store }

/** A store of the test's own, closed at its end. */
export async function home(test: TestContext): Promise<Home> {
  const [url, prefix] = [await testRedisUrl(), freePrefix()]
  const connection = createConnection(
    { kind: 'standalone', url, tls: { kind: 'verify' } },
    { name: 'test-web', timeout: 2_000 },
  )
  await connection.connect()
  test.after(() => connection.close())
  return { url, prefix, store: openStore({ connection, prefix }) }
}

/** The web process on a store, asked without a network unless it is started; what it emits is kept. */
export function webOn(test: TestContext, store: Store, parts: Partial<WebParts> = {}) {
  const events: MorrowEvent[] = []
  const emit = (event: MorrowEvent): void => {
    events.push(event)
  }
  const web = openWeb({ store: () => Promise.resolve(store), host: '127.0.0.1', port: 0, emit, ...parts })
  test.after(() => web.app.close())
  const get = (url: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
    web.app.inject({ method: 'GET', url, headers: { host: 'localhost:5678', ...headers }, remoteAddress })
  return { web, get, events }
}
