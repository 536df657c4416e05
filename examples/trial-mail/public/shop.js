// Looks again every two seconds, while somebody looks.
setInterval(() => {
  if (!document.hidden && getSelection().isCollapsed) location.reload()
}, 2_000)
