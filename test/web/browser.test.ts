// needs: chromium
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, type TestContext, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { RedisUnavailableError } from '../../src/store/errors.ts'
import type { Store } from '../../src/store/store.ts'
import { HOSTILE } from './overviews.ts'
import { announce, seed, seedSchedules } from './seed.ts'
import { type Home, home, webOn } from './support.ts'

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

const executablePath = process.env['MORROW_TEST_CHROMIUM'] ?? USUAL_PLACES.find((path) => existsSync(path))
/** .ci/run installs a browser; elsewhere the rest of the tests need none. */
const skip = executablePath === undefined && 'no Chromium on this machine: name one in MORROW_TEST_CHROMIUM'

let browser: Browser

before(async () => {
  if (executablePath === undefined) return
  browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
})

after(() => browser?.close())

type View = {
  readonly width: number
  readonly colorScheme?: 'light' | 'dark'
  readonly javaScriptEnabled?: boolean
}

/** A page in a browser of its own, and everything that it complained about. */
async function open(test: TestContext, url: string, { width, ...options }: View) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, ...options })
  test.after(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => complaints.push(dialog.message()))
  page.on('requestfailed', (request) => complaints.push(request.url()))
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) complaints.push(`asks ${request.url()}`)
  })
  await page.goto(url)
  return { page, complaints }
}

async function served(t: TestContext, fill: (here: Home) => Promise<void>) {
  const here = await home(t)
  await fill(here)
  const { web } = webOn(t, here.store)
  await web.start()
  return { here, url: `${web.url()}/` }
}

const full = async (here: Home): Promise<void> => {
  await seed(here)
  await seedSchedules(here)
  await announce(here)
}

/** For people who want to look: MORROW_TEST_SHOTS names a folder. */
async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env['MORROW_TEST_SHOTS']
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

for (const width of [360, 1280])
  for (const colorScheme of ['light', 'dark'] as const)
    test(`the page fits ${width} pixels in ${colorScheme}, and complains about nothing`, { skip }, async (t) => {
      const { url } = await served(t, full)
      const { page, complaints } = await open(t, url, { width, colorScheme })
      await shoot(page, `full-${width}-${colorScheme}`)
      assert.equal(await overflow(page), 0)
      assert.equal(await page.locator('table').count(), 5)
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
      assert.equal(background, colorScheme === 'dark' ? 'rgb(22, 21, 26)' : 'rgb(251, 249, 246)')
      assert.deepEqual(complaints, [])
    })

test('an empty namespace fits a phone too', { skip }, async (t) => {
  const { url } = await served(t, async () => undefined)
  const { page, complaints } = await open(t, url, { width: 360 })
  await shoot(page, 'empty-360')
  assert.equal(await overflow(page), 0)
  assert.deepEqual(complaints, [])
})

test('on a phone rows are cards: nothing scrolls sideways, however long its name, and it is a table still', {
  skip,
}, async (t) => {
  const long = 'n'.repeat(100)
  const { url } = await served(t, async (here) => {
    await full(here)
    await announce(here, { id: 'p2', host: long, version: long, environment: long, queues: [long], roles: [long] })
  })
  const { page } = await open(t, url, { width: 360 })
  await shoot(page, 'long-360')
  assert.equal(await overflow(page), 0)
  const boxes = '[...document.querySelectorAll(".scroll")].map((box) => box.scrollWidth - box.clientWidth)'
  assert.deepEqual(await page.evaluate(boxes), [0, 0, 0, 0, 0])
  const queues = page.getByRole('table', { name: 'Jobs by queue and place' })
  assert.equal(await queues.getByRole('columnheader').count(), 9)
  assert.equal(
    await queues
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: 'mail' }) })
      .count(),
    1,
  )
})

test('when Redis is back, so is the page, with or without scripts', { skip }, async (t) => {
  const { store } = await home(t)
  let answer: () => Promise<Store> = () => Promise.reject(new RedisUnavailableError('gone'))
  const { web } = webOn(t, store, { store: () => answer() })
  await web.start()
  const { page } = await open(t, `${web.url()}/`, { width: 360, javaScriptEnabled: false })
  await page.getByRole('heading', { name: 'Redis does not answer' }).waitFor()
  answer = () => Promise.resolve(store)
  await page.getByRole('heading', { name: 'Places' }).waitFor({ timeout: 15_000 })
})

test('the keyboard reaches everything in the order of the page, and one sees where it is', { skip }, async (t) => {
  const { url } = await served(t, full)
  const { page } = await open(t, url, { width: 1280 })
  const reached: string[] = []
  for (let step = 0; step < 16; step++) {
    await page.keyboard.press('Tab')
    const [name, outlined] = (await page.evaluate(
      `[(document.activeElement.textContent.trim().split('\\n')[0]), getComputedStyle(document.activeElement).outlineStyle]`,
    )) as [string, string]
    assert.notEqual(outlined, 'none', name)
    reached.push(name)
  }
  assert.deepEqual(reached.slice(0, 8), [
    'Skip to the content',
    'Reload',
    'Live',
    'Places',
    'Upcoming',
    'Schedules',
    'Processes',
    'Dead',
  ])
  assert.deepEqual(reached.slice(14), ['metrics', 'readiness'])
})

for (const width of [360, 1280])
  test(`at ${width} pixels the keyboard opens the newest ticks of a schedule, and they stay open`, {
    skip,
  }, async (t) => {
    const { url, here } = await served(t, full)
    const { page, complaints } = await open(t, url, { width })
    const ticks = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'digest' }) })
    const list = ticks.getByRole('list')
    assert.equal(await list.isVisible(), false)
    for (let step = 0; step < 20; step++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate('document.activeElement.id')) === 'ticks-of-digest') break
    }
    await page.keyboard.press('Enter')
    assert.ok(await list.isVisible())
    assert.match(
      (await list.textContent()) ?? '',
      /^\s*excluded by a calendar: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\s+called off: /,
    )
    assert.equal(await overflow(page), 0)
    await shoot(page, `ticks-${width}`)
    const { store } = here
    const home = await store.schedules.home('digest')
    assert.ok(home)
    await store.schedules.amend(home, (await store.schedules.read(home))?.rev ?? '', {
      pauses: [{ since: 0, until: null, by: 'ada', reason: 'a change on the page' }],
    })
    await page.getByText('a change on the page').waitFor({ timeout: 15_000 })
    assert.ok(await list.isVisible())
    assert.equal(await page.evaluate('document.activeElement.id'), 'ticks-of-digest')
    assert.deepEqual(complaints, [])
  })

test('the page keeps itself fresh, and a switch stops that', { skip }, async (t) => {
  const { url, here } = await served(t, async () => undefined)
  const { page, complaints } = await open(t, url, { width: 1280 })
  await announce(here, { host: 'late.comer' })
  await page.getByText('late.comer').waitFor({ timeout: 15_000 })
  const live = page.getByRole('button', { name: 'Live' })
  assert.equal(await live.getAttribute('aria-pressed'), 'true')
  await live.click()
  assert.equal(await page.getByRole('button', { name: 'Paused' }).getAttribute('aria-pressed'), 'false')
  await page.reload()
  await page.getByRole('button', { name: 'Paused' }).waitFor()
  await page.getByRole('button', { name: 'Paused' }).click()
  await page.getByRole('button', { name: 'Live' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('without scripts the page is whole, with a link that reloads it', { skip }, async (t) => {
  const { url } = await served(t, full)
  const { page } = await open(t, url, { width: 1280, javaScriptEnabled: false })
  assert.equal(await page.getByRole('button').count(), 0)
  await page.getByRole('link', { name: 'Reload' }).click()
  assert.equal(await page.locator('table').count(), 5)
})

test('hostile texts in Redis are shown as texts', { skip }, async (t) => {
  const { url } = await served(t, async (here) => {
    for (const [index, text] of HOSTILE.entries())
      await announce(here, {
        id: `p${index}`,
        host: text,
        version: text,
        environment: text,
        queues: [text],
        roles: [text],
      })
  })
  const { page, complaints } = await open(t, url, { width: 1280 })
  assert.equal(await page.locator('tbody tr').count(), HOSTILE.length)
  assert.equal(await page.locator('tbody img, tbody script, tbody svg, tbody h1').count(), 0)
  assert.ok(await page.getByText('<script>alert(1)</script>').first().isVisible())
  assert.deepEqual(complaints, [])
})
