import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReadMetadataOptions, readMetadata, readMetadataStream } from '../../../src/saml/metadata/read-metadata.ts'
import { mutate } from '../../fuzz/mutate.ts'
import { Random } from '../../fuzz/random.ts'
import {
  type Answer,
  isProven,
  isRefusedUnproven,
  partsOf,
  readInPieces,
  readWhole,
  withoutPlace,
} from './same-answer.ts'
import { certificate, entity, group, now, serviceProvider, sign } from './sample-aggregate.ts'

const [one, two] = [entity('one'), entity('two')]
const xlink = ' xmlns:x="urn:x" ID="_g" validUntil="2027-01-01T00:00:00Z" x:note="a &#x9; &lt; b"'
const mixed = group(
  `\n <!-- all --><x:e xmlns:y="urn:y"/>${serviceProvider}\r\n${group(`${one}${group('', ' cacheDuration="PT1H"')}\n`, ' xmlns:x="urn:other" x:a="1"')}<![CDATA[ ]]>${two}\n&#xD;`,
  xlink,
)

const documents: Readonly<Record<string, string>> = {
  'one entity': one,
  'an aggregate': mixed,
  'processing instructions': group(`<?style x?>${one}<?style > ?>${two}`),
  'a signed aggregate': sign(mixed),
  'an aggregate with a signature at its end': sign(mixed, { where: 'append' }),
  'an aggregate signed with a PrefixList': sign(mixed, { inclusivePrefixes: ['x', '#default', 'md', 'none'] }),
  'a signed entity': sign(one.replace(' entityID=', ' ID="_e" entityID=')),
  'a signed group of a namespace that only looks the same': sign(mixed).replace('SAML:2.0:', 'SAML-2.0:'),
  'an aggregate that was changed': sign(mixed).replace('two.example/sso', 'evil.example/sso'),
  'an aggregate signed twice': sign(sign(mixed)),
  'an aggregate in which a group is signed': group(sign(mixed)),
  'an aggregate that somebody else signed': sign(mixed).replace(/(SignatureValue>.)../, '$1AA'),
  'an entity without an ID in the middle': group(`${one}<EntityDescriptor/>${two}`),
  'a second root element': `${group(one)}${group(two)}`,
  'a second root element without a group': `${group(one)}${two}`,
  'text behind the root': `${group(one)} x`,
  'comments behind the root': `${group(one)} <!-- --> <?x?>\n`,
  'an XML declaration in the middle': group(`${one}<?xml version="1.0"?>${two}`),
  'an aggregate that ends too early': mixed.slice(0, -30),
  'an aggregate that ends between two entities': mixed.slice(0, mixed.indexOf(two)),
  'a group that another end tag closes': mixed.replace('</EntitiesDescriptor>', '</x:EntitiesDescriptor>'),
  'a prefix declared by a sibling only': group(`<y:e xmlns:y="urn:y"/>${one}<y:e/>`),
  'a document type declaration in the middle': group(`${one}<!DOCTYPE x>${two}`),
  'a comment with dashes inside': group(`${one}<!-- -- -->${two}`),
  'tags in quotes, comments and CDATA': group(
    `<e a="</EntitiesDescriptor>" b='/>'/><!-- <EntitiesDescriptor> --><e><![CDATA[</e>]]></e>${one}`.replace(
      '="<',
      '="&lt;',
    ),
  ),
  'groups of another namespace': group(`<EntitiesDescriptor xmlns="urn:x">${one}</EntitiesDescriptor>${two}`),
  'groups deeper than we read': `${group('').slice(0, -21)}${'<EntitiesDescriptor>'.repeat(70)}`,
  'more namespaces than we read': Array.from(
    { length: 5 },
    (_, outer) =>
      `<EntitiesDescriptor${Array.from({ length: 40 }, (_unused, index) => ` xmlns:n${outer}x${index}="urn:n"`).join('')}>`,
  ).join(''),
  'a byte order mark and blank lines': `\uFEFF\r\n \r${mixed}`,
  nothing: '',
  blanks: ' \r\n ',
  'no XML': ' Sign in',
}

const optionSets: readonly Partial<ReadMetadataOptions>[] = [
  {},
  { entityId: 'https://two.example/metadata' },
  { entityId: 'nobody' },
  { signingCertificate: certificate },
  { signingCertificate: certificate, entityId: 'https://two.example/metadata' },
  { signingCertificate: certificate, entityId: 'https://one.example/metadata', now: new Date('2027-01-02T00:00:00Z') },
]

async function checkSameAnswer(
  text: string,
  options: ReadMetadataOptions,
  lengths: readonly number[],
  comparable: (answer: Answer) => Answer = (answer) => answer,
) {
  const bytes = Buffer.from(text)
  const arrived = bytes.toString()
  const wholeAnswer = readWhole(arrived, options)
  const inPieces = await readInPieces(bytes, options, lengths)
  assert.deepEqual(comparable(inPieces), comparable(wholeAnswer))
  assert.equal(
    !isRefusedUnproven(wholeAnswer),
    isProven(arrived, options.signingCertificate),
    JSON.stringify(wholeAnswer),
  )
  return wholeAnswer
}

for (const [what, text] of Object.entries(documents)) {
  test(`readMetadataStream() answers as if it read in one: ${what}`, async () => {
    for (const options of optionSets) {
      for (const lengths of [[7, 2, 100], [100_000]]) await checkSameAnswer(text, { now, ...options }, lengths)
    }
  })
}

test('readMetadataStream() answers as if it read in one, whatever was changed in a document', async () => {
  const random = new Random('metadata/mutated')
  const originals = Object.values(documents).filter((text) => text.length > 100)
  const answers = new Map<string, number>()
  for (let turn = 0; turn < 600; turn++) {
    const text = mutate(random.pick(originals), random)
    const options = { now, ...random.pick(optionSets) }
    const answer = await checkSameAnswer(text, options, [1 + random.below(50), 1 + random.below(3000)], withoutPlace)
    const outcome = 'code' in answer ? answer.code : 'read'
    answers.set(outcome, (answers.get(outcome) ?? 0) + 1)
  }
  for (const outcome of ['read', 'metadata_malformed', 'metadata_changed', 'metadata_signature_invalid']) {
    assert.ok((answers.get(outcome) ?? 0) > 0, `${outcome}: ${JSON.stringify([...answers])}`)
  }
})

test('what is accepted of a signed aggregate is accepted wherever its signature stands', () => {
  const options = { now, signingCertificate: certificate, entityId: 'https://two.example/metadata' }
  for (const where of ['prepend', 'append'] as const) {
    assert.equal(readMetadata(sign(mixed, { where }), options).entityId, options.entityId)
  }
})

test('readMetadataStream() refuses metadata that is another one the second time', async () => {
  const texts = [mixed, mixed.replace('two.example/sso', 'evil.example/sso')]
  const open = () => partsOf(Buffer.from(texts.shift() ?? ''), [1000])
  const options = { now, entityId: 'https://two.example/metadata' }
  await assert.rejects(readMetadataStream(open, options), { code: 'metadata_changed' })
  assert.equal(texts.length, 0)
})

test('metadata is refused when one part of it does not fit into memory, or all of it is too long', () => {
  const limits = {
    partCharacters: 100,
    pieceCharacters: 10,
    maxPieceCharacters: 5000,
    maxCharacters: 20_000,
    maxElements: 1000,
  }
  const code = 'metadata_too_large'
  const read = (text: string) => readMetadata(text, { now, entityId: 'https://two.example/metadata' }, limits)
  assert.equal(read(group(one + one + two)).entityId, 'https://two.example/metadata')
  assert.throws(() => read(group(`${one}<!--${' '.repeat(70_000)}-->${two}`)), { code })
  assert.throws(() => read(group(one + two + ' '.repeat(20_000))), { code })
  assert.throws(() => read(group(one + '<e/>'.repeat(1000) + two)), { code })
})

test('bytes that are not UTF-8 are refused with their line, wherever the parts end', async () => {
  const refusalOf = async (bytes: Buffer, lengths: readonly number[]) => {
    const answer = await readInPieces(bytes, { now }, lengths)
    return 'code' in answer ? [answer.code, answer.detail?.at, answer.detail?.arrived] : answer
  }
  const latin = Buffer.from('<a>\n<b>Z\u00fcrich</b>\n</a>', 'latin1')
  const cut = Buffer.from('<a>\n\n\u00e4').subarray(0, -1)
  const wide = Buffer.from('\ufeff<a/>', 'utf16le')
  const other = 'bytes that are not UTF-8'
  for (const lengths of [[1], [2, 3], [1000]]) {
    assert.deepEqual(await refusalOf(latin, lengths), ['metadata_malformed', 'line 2', other])
    assert.deepEqual(await refusalOf(cut, lengths), ['metadata_malformed', 'line 3', other])
  }
  assert.deepEqual(await refusalOf(wide, [1000]), ['metadata_malformed', 'line 1', 'UTF-16'])
  assert.deepEqual(await refusalOf(wide.swap16(), [1000]), ['metadata_malformed', 'line 1', 'UTF-16'])
})
