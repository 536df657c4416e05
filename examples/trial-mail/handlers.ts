import type { JobContext } from 'morrow'
import { cleanUp, sendDigest, trialEnds } from './jobs.ts'

const FROM = 'The Shop <shop@trial-mail.example>'
const DAY = 86_400_000

type Mail = { readonly to: string; readonly subject: string; readonly text: string }

/**
 * Sends a mail whose Message-ID is made of the job's id, which is the same in every attempt: a worker that dies between
 * sending and saying so sends it again, and the other side can tell.
 */
async function send({ id, services, signal }: JobContext, mail: Mail): Promise<void> {
  signal.throwIfAborted()
  await services.mail.sendMail({ ...mail, from: FROM, messageId: `<${id}@trial-mail.example>` })
  services.sent.set(id, new Date())
}

/** The handlers of the shop; only workers load this module. */
export const handlers = [
  trialEnds.handle(async ({ to }, context) => {
    const text = `Hello,\n\nyour trial ends today. It was due at ${context.dueAt.toISOString()}.\n\nThe Shop\n`
    await send(context, { to, subject: 'Your trial ends', text })
  }),

  sendDigest.handle(async ({ to, title }, context) => {
    const { tick, services } = context
    const since = tick?.previousAt ?? new Date(0)
    const count = [...services.sent.values()].filter((at) => at >= since).length
    const when = tick === null ? 'now, because somebody asked' : `for ${tick.plannedAt.toISOString()}`
    const missed = tick !== null && tick.standsFor > 1 ? ` It stands for ${tick.standsFor} planned ones.` : ''
    await send(context, { to, subject: title, text: `Sent ${when}.${missed}\nMails since the last one: ${count}\n` })
  }),

  cleanUp.handle(async (_payload, { services, log }) => {
    const old = [...services.sent].filter(([, at]) => at.getTime() < Date.now() - 30 * DAY)
    for (const [id] of old) services.sent.delete(id)
    log.info('forgot mails that were sent more than 30 days ago', { count: old.length })
  }),
]
