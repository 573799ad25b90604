import { Environment } from '@marcbachmann/cel-js'
import { knownPattern } from './known-pattern.ts'

/** Who reads: a rule for a field, for groups, for roles, or a condition on the subject as it was mapped. */
export type ExpressionScope = 'field' | 'grant' | 'role' | 'subject'

type Values = ReadonlyMap<string, readonly string[]>

const valuesType = 'map<string, list<string>>'

const ofAssertion = { attributes: valuesType, nameId: 'string', nameIdFormat: 'string', authnContext: 'string' }
const ofGroups = { groups: 'list<string>', groupsKnown: 'bool' }

const variables: Readonly<Record<ExpressionScope, Readonly<Record<string, string>>>> = {
  field: ofAssertion,
  grant: { ...ofAssertion, fields: valuesType },
  role: { ...ofAssertion, fields: valuesType, ...ofGroups },
  subject: {
    fields: valuesType,
    ...ofGroups,
    roles: 'list<string>',
    username: 'string',
    nameId: 'string',
    nameIdFormat: 'string',
  },
}

/** Far more than a mapping needs, and little enough to be evaluated in no time. */
const limits = { maxAstNodes: 200, maxDepth: 24, maxListElements: 100, maxMapEntries: 50, maxCallArguments: 4 }

const environments = new Map<ExpressionScope, Environment>()

export function environmentOf(scope: ExpressionScope): Environment {
  const known = environments.get(scope)
  if (known !== undefined) return known
  const environment = addMethods(new Environment({ limits }))
  for (const [name, type] of Object.entries(variables[scope])) environment.registerVariable(name, type)
  environments.set(scope, environment)
  return environment
}

/** Names of the variables of a scope. */
export function namesOf(scope: ExpressionScope): readonly string[] {
  return Object.keys(variables[scope])
}

/** The name whose values are wanted. */
const ofValues = { receiverType: valuesType, params: [{ name: 'name', type: 'string' }] }

/** Methods of our own. Patterns are literals, compiled when the expression is: see `expression-guards.ts`. */
function addMethods(environment: Environment): Environment {
  return environment
    .registerFunction({
      ...ofValues,
      name: 'first',
      returnType: 'string',
      handler: (map: Values, name: string) => map.get(name)?.[0] ?? '',
    })
    .registerFunction({
      ...ofValues,
      name: 'all',
      returnType: 'list<string>',
      handler: (map: Values, name: string) => map.get(name) ?? [],
    })
    .registerFunction('string.matchesPattern(string): bool', (text: string, pattern: string) =>
      knownPattern(pattern).matches(text),
    )
    .registerFunction(
      'string.capturePattern(string): string',
      (text: string, pattern: string) => knownPattern(pattern).capture(text) ?? '',
    )
    .registerFunction('string.replacePattern(string, string): string', (text: string, pattern: string, by: string) =>
      knownPattern(pattern).replace(text, by),
    )
}
