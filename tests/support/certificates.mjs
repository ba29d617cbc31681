// A certificate authority of a test's own, and certificates that it signs: X.509 of the barest kind
// (RFC 5280), written by hand because Node reads certificates and makes none.
//
//   const authority = certificateAuthority()
//   authority.certificate                                    // PEM
//   const { certificate, key } = authority.sign(['registry.test', '127.0.0.1'])

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** An authority that nobody trusts until told to. */
export function certificateAuthority(name = 'a test of portreeve') {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = commonName(name)
  const basicConstraints = extension('551d13', sequence(boolean(true)), true)
  const certificate = x509({ issuer, subject: issuer, publicKey: keys.publicKey, privateKey: keys.privateKey, extensions: [basicConstraints] })
  return { certificate, sign: (names) => leaf(issuer, keys.privateKey, names) }
}

function leaf(issuer, privateKey, names) {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const extensions = [extension('551d11', sequence(...names.map(alternativeName)))]
  const certificate = x509({ issuer, subject: commonName(names[0]), publicKey: keys.publicKey, privateKey, extensions })
  return { certificate, key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) }
}

function x509({ issuer, subject, publicKey, privateKey, extensions }) {
  const ecdsaWithSha256 = sequence(object('2a8648ce3d040302'))
  const day = 24 * 60 * 60 * 1000
  const validity = sequence(utcTime(Date.now() - day), utcTime(Date.now() + day))
  const version = tagged(0xa0, integer(Buffer.from([2])))
  const serial = integer(Buffer.concat([Buffer.from([1]), randomBytes(8)]))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const content = sequence(version, serial, ecdsaWithSha256, issuer, validity, subject, key, tagged(0xa3, sequence(...extensions)))
  const der = sequence(content, ecdsaWithSha256, bits(sign('sha256', content, privateKey)))
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`
}

function extension(id, content, critical = false) {
  return sequence(object(id), ...(critical ? [boolean(true)] : []), tagged(0x04, content))
}

function alternativeName(name) {
  const isAddress = /^\d+(\.\d+){3}$/.test(name)
  return isAddress ? tagged(0x87, Buffer.from(name.split('.').map(Number))) : tagged(0x82, Buffer.from(name))
}

function commonName(name) {
  return sequence(tagged(0x31, sequence(object('550403'), tagged(0x0c, Buffer.from(name)))))
}

const sequence = (...parts) => tagged(0x30, Buffer.concat(parts))
const object = (id) => tagged(0x06, Buffer.from(id, 'hex'))
const integer = (bytes) => tagged(0x02, bytes)
const bits = (bytes) => tagged(0x03, Buffer.concat([Buffer.from([0]), bytes]))
const boolean = (value) => tagged(0x01, Buffer.from([value ? 0xff : 0]))
const utcTime = (time) => tagged(0x17, Buffer.from(`${new Date(time).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))

/** Tag, length and content (X.690, DER). */
function tagged(tag, content) {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
