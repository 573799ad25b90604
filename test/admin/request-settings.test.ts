import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestDatabase } from '../support/databases.ts'
import { metadataOf, openOffice } from './office.ts'

test('what requests ask for can be set only so that the answer can be judged', async (t) => {
  const office = await openOffice(await openTestDatabase('embedded', t))
  await office.run('organization.create', { id: 'company-a' })
  await office.run('connection.add', { id: 'a', metadata: { text: metadataOf('https://idp.example') } })
  const before = await office.contents()
  const set = (requestedAuthnContext: unknown) =>
    office.run('connection.set', { id: 'a', settings: { requestedAuthnContext } })
  const unusable = [
    { value: { classRefs: [] }, at: 'settings.requestedAuthnContext.classRefs' },
    { value: { classRefs: ['a'], comparison: 'minimum' }, at: 'settings.requestedAuthnContext' },
    { value: { classRefs: ['a', 'x'], comparison: 'better', order: ['a', 'b'] }, at: 'settings.requestedAuthnContext' },
    {
      value: { classRefs: ['a'], comparison: 'maximum', order: ['a', 'b', 'a'] },
      at: 'settings.requestedAuthnContext',
    },
    { value: { classRefs: ['a'], comparision: 'exact' }, at: 'settings.requestedAuthnContext.comparision' },
  ]
  for (const { value, at } of unusable) {
    await assert.rejects(set(value), (error: { code?: string; detail?: { at?: string } }) => {
      assert.equal(error.code, 'input_invalid')
      assert.equal(error.detail?.at, at)
      return true
    })
  }
  assert.equal(await office.contents(), before)
  const { connection } = await set({ classRefs: ['b'], comparison: 'minimum', order: ['a', 'b'] })
  assert.deepEqual(connection.settings.requestedAuthnContext, {
    classRefs: ['b'],
    comparison: 'minimum',
    order: ['a', 'b'],
  })
})

test('connection.test warns that forceAuthn says nothing about sign-ins begun elsewhere', async (t) => {
  const office = await openOffice(await openTestDatabase('embedded', t))
  await office.run('organization.create', { id: 'company-a' })
  await office.run('connection.add', { id: 'a', metadata: { text: metadataOf('https://idp.example') } })
  const warned = async (settings: Readonly<Record<string, unknown>>) => {
    await office.run('connection.set', { id: 'a', settings })
    const { findings } = await office.run('connection.test', { id: 'a' })
    return findings.some(({ check, level }) => check === 'forceAuthn' && level === 'warning')
  }
  assert.equal(await warned({ forceAuthn: true }), false)
  assert.equal(await warned({ allowIdpInitiated: true }), true)
  assert.equal(await warned({ maxAuthnAgeSeconds: 60 }), false)
})
