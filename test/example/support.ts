import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type RunningProcess, startProcess } from '../support/processes.ts'
import { freePort } from '../support/redis.ts'
import { until } from '../support/until.ts'

/** A running example, and how to use it as a customer does. */
export type Example = {
  readonly process: RunningProcess
  readonly url: string
  readonly data: string
  /** Signs up; answers the path of the sign-up's page. */
  signUp(to: string, soon: boolean): Promise<string>
  text(path: string): Promise<string>
}

/** A folder for the data of examples, removed at the end of the test. */
export function dataFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'morrow-example-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs `npm start`'s program on free ports. */
export async function startExample(
  test: TestContext,
  data: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Example> {
  const [port, smtpPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const process = startProcess(test, {
    arguments: ['examples/trial-mail/start.mjs'],
    env: {
      REDIS_URL: undefined,
      MORROW_PREFIX: undefined,
      ...env,
      PORT: String(port),
      SMTP_PORT: String(smtpPort),
      TRIAL_MAIL_DATA: data,
    },
  })
  await process.line(/Ctrl-C ends all of it/, 60_000)
  const text = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text()
  const signUp = async (to: string, soon: boolean): Promise<string> => {
    const body = new URLSearchParams({ to, ...(soon ? { soon: 'on' } : {}) })
    const answer = await fetch(`${url}/sign-ups`, { method: 'POST', body, redirect: 'manual' })
    return answer.headers.get('location') ?? `status ${answer.status}`
  }
  return { process, url, data, signUp, text }
}

/** How often a text stands in another. */
export const times = (text: string, part: string): number => text.split(part).length - 1

/** Resolves once the process that listened there has gone. */
export const gone = (url: string): Promise<true> =>
  until(`nobody listens at ${url}`, () =>
    fetch(url).then(
      () => false as const,
      () => true as const,
    ),
  )

/** The variables that an example writes for other terminals exist while it runs. */
export const hasEnvironment = (data: string): boolean => existsSync(join(data, 'environment.json'))
