// Looks again every two seconds, while somebody looks and nothing on the page has the keyboard.
setInterval(() => {
  const busy = document.activeElement !== document.body && document.activeElement !== null
  if (!busy && !document.hidden && getSelection().isCollapsed) location.reload()
}, 2_000)
