import { createSamlp } from '../peers/samlp.ts'
import { chooseAt, startPeer } from '../peers/site.ts'
import type { IdentityProvider, Product, ServiceProvider } from './identity-provider.ts'

/** Where `samlp` puts what its mapper does not know. */
const others = 'http://schemas.passportjs.com'

/** Auth0's `samlp` from npm, on the web site that it leaves to whoever uses it. */
export const samlp: Product = {
  name: 'samlp',
  person: {
    username: 'grace-4711',
    fields: { cn: ['Grace Møller 张'], sn: ['Møller & <Sons>'], mail: ["Grace.O'Neil@example.org"] },
    grants: ['group engineering, night shift', 'group staff', 'role manager'],
  },
  settings: { roleAttributes: [`${others}/roles`], groupAttributes: [`${others}/groups`] },
  signs: ['Assertion'],
  cannot: { artifact: 'it has no HTTP-Artifact binding' },
  start: startSamlp,
}

async function startSamlp(): Promise<IdentityProvider> {
  const cleanups: (() => Promise<void>)[] = []
  let known: readonly ServiceProvider[] = []
  let current: ServiceProvider | undefined
  const site = await startPeer({ after: (work) => void cleanups.push(work) }, (options) =>
    createSamlp(options, { encrypts: () => current?.encrypt === true }),
  )
  return {
    metadataUrl: site.metadataUrl,
    async addServiceProviders(added) {
      known = added
    },
    turnTo(name) {
      current = known.find((serviceProvider) => serviceProvider.name === name)
      site.product.register(current?.metadataXml ?? '')
    },
    startUrl: () => site.startUrl,
    logIn: (visitor, page) => chooseAt(visitor, page, 'grace'),
    hasSession: async () => site.product.hasSession?.() === true,
    async signOut(visitor) {
      const page = await visitor.open(`${site.origin}/logout`)
      if (page.body !== 'signed out') throw new Error(`signing out led to ${page.url.href}: ${page.body}`)
    },
    async replaceKey() {
      site.replaceKey()
      site.product.register(current?.metadataXml ?? '')
    },
    async stop() {
      for (const work of cleanups) await work()
    },
  }
}
