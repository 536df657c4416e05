import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Client, InvalidIdError, type JobView } from 'morrow'
import { z } from 'zod'
import { html, type Markup, shell } from './html.ts'
import { trialEnds } from './jobs.ts'

const form = z.object({ to: z.email(), soon: z.literal('on').optional() })

const FILES = [
  ['shop.css', 'text/css; charset=utf-8'],
  ['shop.js', 'text/javascript; charset=utf-8'],
] as const

/** The shop's own pages: a form to sign up with, and what became of each sign-up. */
export function addShop(app: FastifyInstance, client: Client): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
  for (const [name, type] of FILES) {
    const text = readFileSync(new URL(`./public/${name}`, import.meta.url), 'utf8')
    app.get(`/${name}`, (_request, reply) => reply.type(type).send(text))
  }
  app.get('/', (_request, reply) => reply.type(HTML).send(shell('Try it for three days', formOf())))
  app.post('/sign-ups', async (request, reply) => {
    if (!isOwn(request)) return reply.code(403).type(HTML).send(shell('That came from another site', noSuch))
    const given = form.safeParse(request.body)
    if (!given.success) {
      const text = 'Expected an e-mail address such as ada@example.com.'
      return reply
        .code(422)
        .type(HTML)
        .send(shell('Try it for three days', formOf(text)))
    }
    const { to, soon } = given.data
    const receipt = await client.schedule(trialEnds, { to }, { in: soon === 'on' ? '3 seconds' : '3 days' })
    return reply.code(303).header('Location', `/sign-ups/${receipt.id}`).send()
  })
  app.get<{ Params: { id: string } }>('/sign-ups/:id', async (request, reply) => {
    const job = await found(client, request.params.id)
    if (job === undefined) return reply.code(404).type(HTML).send(shell('No such sign-up', noSuch))
    return reply.type(HTML).send(shell('Welcome', signUp(job), job.place !== 'ended' && job.place !== 'dead'))
  })
}

/** What is no id of a job names none; a Redis that does not answer is another matter. */
const found = (client: Client, id: string): Promise<JobView | undefined> =>
  client.get(id).catch((error: unknown) => {
    if (error instanceof InvalidIdError) return undefined
    throw error
  })

const HTML = 'text/html; charset=utf-8'

const formOf = (fault = ''): Markup => html`<p>We write to you when your trial ends.</p>
<form method="post" action="/sign-ups">
<p><label for="to">E-mail</label> <input id="to" name="to" type="email" required autocomplete="email" placeholder="ada@example.com"${fault === '' ? '' : html` aria-describedby="fault" aria-invalid="true"`}></p>
${fault === '' ? '' : html`<p id="fault" role="alert">${fault}</p>`}
<p><label><input type="checkbox" name="soon"> make it three seconds</label></p>
<button>Start the trial</button>
</form>
<p class="soft">The mail is a job of <a href="/morrow">Morrow</a>; it arrives in the <a href="/mailbox">mailbox</a>.</p>`

const noSuch = html`<p><a href="/">Sign up</a> here.</p>`

const WAY: readonly JobView['place'][] = ['scheduled', 'ready', 'active', 'ended']

const way = (place: JobView['place']): Markup =>
  html`<ol class="way" aria-label="The way of the job">${WAY.map((each) => html`<li${each === place ? html` aria-current="step"` : ''}>${each}</li>`)}</ol>`

const signUp = ({ id, place, dueAt, attempt, queue }: JobView): Markup => html`<article>
<h2>${place === 'ended' ? 'Your trial is over' : 'Your trial runs'}</h2>
<p>The mail ${place === 'ended' ? 'was' : 'is'} due at <time datetime="${dueAt.toISOString()}">${dueAt.toISOString().slice(0, 19).replace('T', ' ')} UTC</time>; its job is <strong>${place}</strong>.</p>
${way(place)}
<p class="soft">job ${id} in queue ${queue}, attempt ${attempt}</p>
</article>
<p>See it wait in <a href="/morrow">Morrow</a>, and arrive in the <a href="/mailbox">mailbox</a>.</p>`

/** Whether a form was sent by a page of ours. Browsers say so; what says neither is no browser, and carries nobody's cookies. */
function isOwn({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin, host } = headers
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}
