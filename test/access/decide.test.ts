import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideAccess } from '../../src/access/decide.ts'
import { accessRule } from '../../src/directory/application.ts'
import { application, subject } from './fixtures.ts'

const benefits = application([
  { path: '/', allow: 'everyone' },
  { path: '/admin', roles: ['administrator'], groups: ['Benefits Admins'] },
  { path: '/admin/help', allow: 'everyone' },
  { path: '/closed', allow: 'nobody' },
  { path: '/reports/', roles: ['manager'] },
  { path: '/reports', methods: ['POST', 'PUT'], roles: ['author'] },
  { path: '/api', methods: ['GET'], allow: 'everyone' },
  { path: '/menü', roles: ['cook'] },
  { path: '/nothing' },
])

const agent = subject(['agent'])
const decide = (path: string, who = agent, method = 'GET') => decideAccess(benefits, who, { method, path })
const verdict = (path: string, who = agent, method = 'GET') => {
  const decision = decide(path, who, method)
  return decision.allowed ? `allowed by ${decision.rule.path}` : decision.reason
}

const cases: readonly [string, string, ReturnType<typeof subject>?, string?][] = [
  ['/', 'allowed by /'],
  ['/anything?next=/admin', 'allowed by /'],
  ['/admin', 'not_admitted'],
  ['/admin', 'allowed by /admin', subject(['administrator'])],
  ['/admin/x', 'allowed by /admin', subject([], ['Benefits Admins'])],
  ['/admin/', 'not_admitted'],
  ['/admin/x/y?z=1', 'not_admitted'],
  ['/administrator', 'allowed by /'],
  ['/admin/help', 'allowed by /admin/help'],
  ['/admin/helpdesk', 'not_admitted'],
  ['/closed/x', 'closed', subject(['administrator'])],
  ['/nothing', 'not_admitted', subject(['administrator'])],
  ['/reports', 'not_admitted', subject(['author'])],
  ['/reports', 'allowed by /reports', subject(['author']), 'POST'],
  ['/reports', 'not_admitted', subject(['manager']), 'POST'],
  ['/reports', 'allowed by /reports/', subject(['manager']), 'DELETE'],
  ['/reports/2026', 'allowed by /reports/', subject(['manager'])],
  ['/api/x', 'allowed by /api'],
  ['/api/x', 'allowed by /api', agent, 'HEAD'],
  ['/api/x', 'method_without_rule', agent, 'DELETE'],
  ['/api/x', 'method_without_rule', agent, 'get'],
  ['/men%C3%BC', 'not_admitted'],
  ['/menu%CC%88', 'path_ambiguous'],
  ['/men%C3%BC/today', 'allowed by /menü', subject(['cook'])],
]
test('decideAccess() does not depend on the order of the rules', () => {
  const reversed = application([...benefits.settings.policy].reverse())
  for (const [path, , who = agent, method = 'GET'] of cases) {
    assert.deepEqual(decideAccess(reversed, who, { method, path }), decide(path, who, method), path)
  }
})

for (const [path, wanted, who = agent, method = 'GET'] of cases) {
  test(`decideAccess() says "${wanted}" to ${method} ${path} for ${[...who.roles, ...who.groups].join(', ')}`, () => {
    assert.equal(verdict(path, who, method), wanted)
  })
}

const tricks = [
  ['no leading slash', 'admin'],
  ['absolute form', 'http://benefits.example/admin'],
  ['asterisk form', '*'],
  ['empty', ''],
  ['two leading slashes', '//admin'],
  ['an authority in the path', '//elsewhere.example/x'],
  ['a look-alike of a slash within parameters', '/;a=b%EF%BC%8F%25/%61dmin'],
  ['two slashes within', '/x/..//admin'],
  ['doubled slash before a guarded segment', '/.//admin'],
  ['dot segments', '/x/../admin'],
  ['single dot segment', '/./admin'],
  ['trailing dot segments', '/admin/..'],
  ['encoded dot segments', '/x/%2e%2E/admin'],
  ['dot segments with parameters', '/x/..;/admin'],
  ['dot segments with encoded parameters', '/x/..%3b/admin'],
  ['three dots', '/x/.../admin'],
  ['one-dot leaders', '/x/%E2%80%A4%E2%80%A4/admin'],
  ['parameters on a guarded segment', '/admin;a=b/x'],
  ['encoded parameters', '/admin%3Ba/x'],
  ['backslash', '/x\\..\\admin'],
  ['encoded backslash', '/x%5cadmin'],
  ['encoded slash', '/x%2fadmin'],
  ['encoded slash, upper case', '/x%2Fadmin'],
  ['full-width slash and letters', '/%EF%BC%A1dmin'],
  ['another case', '/Admin'],
  ['another case, encoded', '/%41dmin/x'],
  ['trailing dot', '/admin.'],
  ['trailing encoded space', '/admin%20/x'],
  ['twice encoded', '/%2561dmin'],
  ['twice encoded slash', '/x%252fadmin'],
  ['broken escape', '/admin%'],
  ['broken escape in the middle', '/%zzadmin'],
  ['overlong UTF-8', '/x%c0%afadmin'],
  ['IIS escape', '/%u0061dmin'],
  ['null byte', '/admin%00'],
  ['line break', '/x%0d%0aadmin'],
  ['raw control character', '/admin\u0001'],
  ['raw tab', '/admin\t'],
  ['raw space', '/admin '],
  ['raw byte outside ASCII', '/menü'],
  ['fragment', '/x#/admin'],
  ['endless', `/${'x'.repeat(9000)}`],
] as const
for (const [trick, path] of tricks) {
  test(`decideAccess() refuses rather than guesses: ${trick}`, () => {
    assert.equal(verdict(path, agent), 'path_ambiguous')
  })
}

test('decideAccess() does not refuse unusual spelling where every reading is decided alike', () => {
  const harmless = [
    '/page;jsessionid=1',
    '/Page',
    '/a//b',
    '/a.',
    '/100%25',
    '/a%20b',
    '/%C3%A9t%C3%A9',
    '/a/..b/.well-known',
    '/%61dministrator',
  ]
  for (const path of harmless) assert.equal(verdict(path), 'allowed by /', path)
  assert.equal(verdict('/%61dmin', subject(['administrator'])), 'allowed by /admin')
  assert.equal(verdict('/ADMIN', subject(['administrator'])), 'allowed by /')
})

test('decideAccess() keeps people of other connections out, whatever they hold', () => {
  const stranger = { ...subject(['administrator']), connectionId: 'company-c' }
  assert.equal(verdict('/', stranger), 'connection_not_listed')
})

test('decideAccess() refuses what no rule speaks of, and everything under an empty policy', () => {
  const narrow = application([{ path: '/open', allow: 'everyone' }])
  const refused = decideAccess(narrow, agent, { method: 'GET', path: '/else' })
  assert.equal(refused.allowed === false && refused.reason, 'path_without_rule')
  assert.equal(decideAccess(application([]), agent, { method: 'GET', path: '/' }).allowed, false)
  assert.equal(decideAccess(application(undefined), agent, { method: 'GET', path: '/' }).allowed, true)
})

test('decideAccess() explains which roles and groups would be enough', () => {
  const decision = decide('/admin')
  assert.ok(!decision.allowed)
  assert.deepEqual(decision.wouldAdmit, { roles: ['administrator'], groups: ['Benefits Admins'] })
  assert.equal(decision.rule?.path, '/admin')
  assert.equal(decision.explanation, 'This address asks for the role administrator, or the group Benefits Admins.')
})

test('decideAccess() lets one closing rule win among rules that are equally near', () => {
  const both = application([
    { path: '/x', roles: ['agent'] },
    { path: '/x', allow: 'nobody' },
    { path: '/y', roles: ['other'] },
    { path: '/y', roles: ['agent'] },
  ])
  const reasonAt = (path: string) => {
    const decision = decideAccess(both, agent, { method: 'GET', path })
    return decision.allowed ? 'allowed' : decision.reason
  }
  assert.equal(reasonAt('/x'), 'closed')
  assert.equal(reasonAt('/y'), 'allowed')
})

test('a policy path is refused at once when it has more than one spelling', () => {
  for (const path of ['admin', '//a', '/a//b', '/a/../b', '/.', '/a%20b', '/a;b', '/a\\b', '/a?b', '/a#b', '/a\n']) {
    assert.equal(accessRule.safeParse({ path }).success, false, JSON.stringify(path))
  }
  for (const path of ['/', '/admin/', '/a b', '/.well-known/x', '/menü']) {
    assert.equal(accessRule.safeParse({ path }).success, true, path)
  }
})
