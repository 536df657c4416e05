import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html } from '../../src/web/html.ts'
import { overviewPage, plainPage } from '../../src/web/page.ts'
import { localText, relativeText } from '../../src/web/words.ts'
import { HOSTILE, overviewOf } from './overviews.ts'

/** The tags of a page without the values of their attributes: what a browser would build. */
const skeleton = (page: string): readonly string[] =>
  [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'))

test('no stored text becomes markup, wherever it stands', () => {
  const plain = skeleton(overviewPage(overviewOf('plain'), { base: '', faults: ['plain'] }))
  assert.ok(plain.length > 100)
  for (const text of HOSTILE) {
    const page = overviewPage(overviewOf(text), { base: '', faults: [text] })
    assert.deepEqual(skeleton(page), plain, text)
  }
})

test('what is held is shown with its reason: a name that no worker knew, or an earlier run', () => {
  const page = overviewPage(overviewOf('x'), { base: '' })
  assert.match(page, /3 × x held for/)
  assert.match(page, /a run of x held behind an earlier one for/)
})

test('characters that cannot be seen are shown by their code', () => {
  assert.equal(String(html`<p>${'a\u202eb\u0000'}</p>`), '<p>a\\u{202e}b\\u{0}</p>')
  assert.equal(String(html`<p>${'Grüße, 東京 🙂'}</p>`), '<p>Grüße, 東京 🙂</p>')
})

test('a template escapes texts, joins lists and leaves out what is not there', () => {
  const item = (text: string) => html`<li>${text}</li>`
  assert.equal(
    String(html`<ul>${['<', '"'].map(item)}${null}${false}${7}</ul>`),
    '<ul><li>&lt;</li><li>&quot;</li>7</ul>',
  )
})

test('every table has a caption, and headings that say what they head', () => {
  const page = overviewPage(overviewOf('x'), { base: '' })
  const tables = page.match(/<table /g)?.length
  assert.equal(tables, 5)
  assert.equal(page.match(/<caption /g)?.length, tables)
  assert.equal(page.match(/<th\b(?! scope="(col|row)")/g), null)
})

test('every id of the page stands once', () => {
  const ids = [...overviewPage(overviewOf('x'), { base: '' }).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  assert.equal(new Set(ids).size, ids.length)
})

test('nothing of the page comes from elsewhere, and nothing is written inline', () => {
  const page = overviewPage(overviewOf('x'), { base: '/morrow' }) + plainPage('/morrow', 'a', 'b', 'c')
  for (const [, url] of page.matchAll(/(?:src|href)="([^"#]*)"/g)) assert.match(url ?? '', /^(\/morrow\/|$)/)
  assert.doesNotMatch(page, /<style|style=|<script>| on\w+=|http-equiv/)
})

test('faults of schedule files and what nobody serves stand at the top, with the line to type', () => {
  const page = overviewPage(overviewOf('the line'), { base: '', faults: ['schedules/mail.yml:3:1: wrong'] })
  assert.match(page, /Somebody is needed[\s\S]*<code>the line<\/code>[\s\S]*schedules\/mail\.yml:3:1: wrong/)
  const well = { ...overviewOf('x'), unserved: [], zoneMismatch: undefined }
  const served = /Everything that waits is served\. The last tick that went the whole way did so 30 s ago\./
  assert.match(overviewPage(well, { base: '' }), served)
})

test('instants are said in their zone, and how far they are', () => {
  const at = Date.UTC(2026, 9, 25, 0, 30, 0, 999)
  assert.equal(localText(at, 'UTC'), '2026-10-25 00:30:00 UTC')
  assert.equal(localText(at, 'Europe/Berlin'), '2026-10-25 02:30:00 +02:00')
  assert.equal(localText(at, 'No/Zone'), '2026-10-25 00:30:00 +00:00')
  assert.equal(relativeText(at + 18_180_000, at), 'in 5 h 3 min')
  assert.equal(relativeText(at - 61_000, at), '1 min 1 s ago')
  assert.equal(relativeText(at + 400, at), 'now')
})
