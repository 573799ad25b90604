import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html } from '../../src/http/html.ts'

test('html escapes what stands in text and in quoted attributes', () => {
  const evil = `"><script>alert('x')</script>&`
  assert.equal(
    html`<a title="${evil}">${evil}</a>`.toString(),
    '<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</a>',
  )
})

test('html keeps markup made by html, joins lists and leaves out what is absent', () => {
  const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`)
  assert.equal(html`<ul>${items}</ul>${undefined}${false}${0}`.toString(), '<ul><li>a</li><li>&lt;b&gt;</li></ul>0')
})
