const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that may stand in a page as it is. */
export type Markup = { readonly markup: string }

type Piece = string | number | Markup | readonly Markup[]

/** A template that escapes every value but markup of its own making. */
export const html = (parts: TemplateStringsArray, ...values: readonly Piece[]): Markup => ({
  markup: parts.reduce((made, part, index) => made + written(values[index - 1] ?? '') + part),
})

function written(piece: Piece): string {
  if (typeof piece === 'object') return 'markup' in piece ? piece.markup : piece.map(({ markup }) => markup).join('')
  return String(piece).replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '')
}

/** A page of the shop; one that is watched asks for itself again every two seconds. */
export const shell = (title: string, content: Markup, watched = false): string =>
  `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
${watched ? html`<script src="/shop.js" defer></script>` : ''}
</head>
<body>
<header><a href="/">The Shop</a><nav aria-label="Main"><a href="/mailbox">Mailbox</a> <a href="/morrow">Morrow</a></nav></header>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`.markup
  }\n`
