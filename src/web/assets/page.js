// Keeps the page fresh: fetches it again every five seconds and replaces the sections that have changed. A switch stops
// that. Without this script the page is whole, and its reload link does the same.
const EVERY = 5_000
const PAUSED = 'morrow.paused'

const button = document.getElementById('live')
let live = sessionStorage.getItem(PAUSED) === null
let asking = false

function show() {
  button.textContent = live ? 'Live' : 'Paused'
  button.setAttribute('aria-pressed', String(live))
  button.title = live ? 'Refreshes every 5 s: press to pause' : 'Paused: press to refresh every 5 s'
}

/** The page as it is now, parsed by the browser's own loader: no text of it is ever put in as HTML. */
function ask(done) {
  const request = new XMLHttpRequest()
  request.responseType = 'document'
  request.open('GET', location.href.replace(/#.*/, ''))
  request.timeout = 10_000
  request.onloadend = () => done(request.status === 200 ? request.responseXML : null)
  request.send()
}

function refresh() {
  if (!live || asking || document.hidden || !getSelection().isCollapsed) return
  asking = true
  ask((page) => {
    asking = false
    show()
    if (page === null) button.textContent = 'No answer'
    if (page === null || !live) return
    for (const fresh of page.querySelectorAll('[data-fresh]')) replace(document.getElementById(fresh.id), fresh)
  })
}

function replace(old, fresh) {
  if (old === null || old.isEqualNode(fresh)) return
  const focused = old.contains(document.activeElement) ? document.activeElement.id : ''
  const open = [...old.querySelectorAll('details[open]')].map((each) => each.id)
  const scrolled = new Map([...old.querySelectorAll('.scroll')].map((box) => [box.id, box.scrollLeft]))
  const made = document.importNode(fresh, true)
  old.replaceWith(made)
  for (const id of open) document.getElementById(id)?.setAttribute('open', '')
  for (const box of made.querySelectorAll('.scroll')) box.scrollLeft = scrolled.get(box.id) ?? 0
  if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true })
}

button.hidden = false
button.addEventListener('click', () => {
  live = !live
  if (live) sessionStorage.removeItem(PAUSED)
  else sessionStorage.setItem(PAUSED, '1')
  show()
  refresh()
})
show()
setInterval(refresh, EVERY)
