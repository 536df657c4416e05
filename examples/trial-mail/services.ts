import nodemailer, { type Transporter } from 'nodemailer'

/** What the handlers share: the way to the mail server, and what they sent. */
export type ShopServices = { readonly mail: Transporter; readonly sent: Map<string, Date> }

declare module 'morrow' {
  interface Services extends ShopServices {}
}

/** Where mail goes: SMTP_URL, else the sink of the shop's web process on this machine. */
export const smtpUrl = (): string => process.env['SMTP_URL'] ?? `smtp://127.0.0.1:${process.env['SMTP_PORT'] ?? 2525}`

/** Opens what a worker needs, once, before its first claim. */
export function openServices(): { readonly services: ShopServices; readonly stop: () => void } {
  const mail = nodemailer.createTransport(smtpUrl())
  return { services: { mail, sent: new Map() }, stop: () => mail.close() }
}
