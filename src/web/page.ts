import { assets } from './assets.ts'
import { html, type Markup } from './html.ts'
import type { Overview } from './overview.ts'
import { asOf, coming, dead, notices, places, processes, schedules } from './sections.ts'

/** What surrounds the page: where it is mounted, and faults of schedule files that somebody should know. */
export type PageParts = { readonly base: string; readonly faults?: readonly string[] }

const SECTIONS = [
  ['places', 'Places'],
  ['upcoming', 'Upcoming'],
  ['schedules', 'Schedules'],
  ['processes', 'Processes'],
  ['dead', 'Dead'],
] as const

/** The page as text. It is whole without its script, and holds no payload. */
export function overviewPage(overview: Overview, { base, faults = [] }: PageParts): string {
  const nav = SECTIONS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)
  return shell(
    base,
    'Morrow',
    html`<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
${brand(base)}
${asOf(overview)}
<p class="controls"><a href="">Reload</a> <button id="live" type="button" hidden>Live</button></p>
<nav aria-label="Sections"><ul>${nav}</ul></nav>
</header>
<main id="main" tabindex="-1">
${notices(overview, faults)}
${places(overview)}
${coming(overview)}
${schedules(overview)}
${processes(overview)}
${dead(overview)}
</main>
<footer><p>Times are Redis' own. For machines: <a href="${base}/metrics">metrics</a>, <a href="${base}/readyz">readiness</a>.</p></footer>
<script src="${base}/assets/${assets.script.name}" type="module"></script>
</body>`,
  )
}

/** A page that says one thing: that Redis does not answer, or that one may not look. */
export function plainPage(base: string, title: string, text: string, line = ''): string {
  return shell(
    base,
    `${title} – Morrow`,
    html`<body>
<header class="top">
${brand(base)}
</header>
<main id="main">
<section class="notice wanting"><h2>${title}</h2><p>${text}</p>${line !== '' && html`<ul><li><code>${line}</code></li></ul>`}</section>
</main>
</body>`,
  )
}

const brand = (base: string): Markup =>
  html`<h1 class="brand"><img src="${base}/assets/${assets.icon.name}" alt="" width="32" height="32">Morrow</h1>`

const shell = (base: string, title: string, body: Markup): string => `<!doctype html>
${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${base}/assets/${assets.icon.name}" type="image/svg+xml">
<link rel="stylesheet" href="${base}/assets/${assets.style.name}">
</head>
${body}
</html>`}
`
