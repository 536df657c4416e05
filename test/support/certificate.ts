import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

/** A certificate that nobody vouches for, as Heroku's Redis has one. */
export type Certificate = {
  /** The paths of key and certificate. */
  readonly key: string
  readonly cert: string
  /** SHA-256 of the certificate. */
  readonly print: string
  /** Lines of redis.conf with which a server speaks TLS on that port, or on none, to others as well. */
  lines(port: number): readonly string[]
}

const SELF_SIGNED = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']

/** Makes a certificate for these names, such as `IP:127.0.0.1` or `DNS:localhost`; it goes with the file's tests. */
export function selfSigned(...names: readonly string[]): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'morrow-certificate-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=redis', '-addext', `subjectAltName=${names.join(',')}`]
  execFileSync('openssl', ['req', ...SELF_SIGNED, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
  const own = [`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${cert}`, 'tls-auth-clients no']
  return {
    key,
    cert,
    print: new X509Certificate(readFileSync(cert)).fingerprint256,
    lines: (port) => [`tls-port ${port}`, ...own],
  }
}
