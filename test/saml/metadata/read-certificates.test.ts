import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMetadata } from '../../../src/saml/metadata/read-metadata.ts'
import { writeIdentityProviderMetadata } from '../../../src/test-identity-provider/metadata.ts'

// Made with OpenSSL: an authority, a certificate it issued, and a self-signed one that has the authority's name.
const authority =
  'MIIBgDCCASWgAwIBAgIUST3mRdx+Se7sk40NbWOOAybI/0gwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJQXV0aG9yaXR5MCAXDTI2' +
  'MTEyMTA4Mjg0NloYDzIwODEwODI0MDgyODQ2WjAUMRIwEAYDVQQDDAlBdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC' +
  'AAR41n16mLuiF2TcQrVDM22KXVXh/67bc1lN8qUPM7vnqY6WdZyu8WSXbC1xBOcfGPkk3zQ1g82vxliS3z0IvgEto1MwUTAdBgNV' +
  'HQ4EFgQUhjwW0rJ+TuYV/STprkAHnERSEUYwHwYDVR0jBBgwFoAUhjwW0rJ+TuYV/STprkAHnERSEUYwDwYDVR0TAQH/BAUwAwEB' +
  '/zAKBggqhkjOPQQDAgNJADBGAiEAtf35alAJGcZE+QBljqtq2zDDrbrCofzCjnWTadMHnOUCIQDGM5OdApQgvEX86XjM+G9XsxMl' +
  'Ek/TjeysZc9AopYqmQ=='
const issued =
  'MIIBHzCBxQIUJ/GO2CF5x5PO2w3pGxe7LWhradowCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJQXV0aG9yaXR5MCAXDTI2MTEyMTA4' +
  'Mjg0NloYDzIwODEwODI0MDgyODQ2WjAOMQwwCgYDVQQDDANpZHAwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASYiHciyqF/80d3' +
  'XIhx4ZEQMmk+teJNS5pEi4Dk+nzqhHhl5XY2JYOmRMUGHhMJA+D9kFQjN5WPDj5I5P/n9ufwMAoGCCqGSM49BAMCA0kAMEYCIQDM' +
  'v7XuxRnMSoGBKAgDFehvOv/caeKWmRVbkiAvP+AugQIhAIXnuGZjNQiYiNtGAo1NRuvG32MKXQ0Mf7h+mIWKcCKo'
const namesake =
  'MIIBfzCCASWgAwIBAgIUWiwusBHPoIgqNl/Rx3Ya94oe+28wCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJQXV0aG9yaXR5MCAXDTI2' +
  'MTEyMTA4Mjg0NloYDzIwODEwODI0MDgyODQ2WjAUMRIwEAYDVQQDDAlBdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC' +
  'AASYiHciyqF/80d3XIhx4ZEQMmk+teJNS5pEi4Dk+nzqhHhl5XY2JYOmRMUGHhMJA+D9kFQjN5WPDj5I5P/n9ufwo1MwUTAdBgNV' +
  'HQ4EFgQUEYZkF6V/lOZlWDfxo4rkHYCbfkUwHwYDVR0jBBgwFoAUEYZkF6V/lOZlWDfxo4rkHYCbfkUwDwYDVR0TAQH/BAUwAwEB' +
  '/zAKBggqhkjOPQQDAgNIADBFAiAP/yVmyL7E1xayFLBKYfUc7U5WQQ7a3naxAG8r4veLGgIhANWmj0V62qQMqWtsXeAMlbiLrBrh' +
  'iQua+/Y/1zuq6CB/'

function certificatesIn(...group: readonly string[]) {
  const provider = { entityId: 'https://idp.example', baseUrl: 'https://idp.example', certificate: 'HERE' }
  const inside = group.join('</ds:X509Certificate><ds:X509Certificate>')
  const text = writeIdentityProviderMetadata(provider).replace('HERE', inside)
  return readMetadata(text, { now: new Date('2026-11-21T08:00:00Z') }).signingCertificates
}

test('of a certificate chain only the certificate that signs messages is kept', () => {
  assert.deepEqual(certificatesIn(issued, authority), [issued])
  assert.deepEqual(certificatesIn(authority, issued), [issued])
  assert.deepEqual(certificatesIn(authority), [authority])
})

test('two certificates of one name, neither of which issued the other, are a rollover', () => {
  assert.deepEqual(certificatesIn(authority, namesake), [authority, namesake])
  assert.deepEqual(certificatesIn(authority, authority), [authority])
})

test('more certificates than any rollover has are refused', () => {
  assert.throws(() => certificatesIn(...Array.from({ length: 33 }, () => issued)), { code: 'metadata_too_large' })
})
