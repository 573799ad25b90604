import { register } from 'node:module'

// `node --import` loads this before the server: what follows is read through the hooks.
register('./node-saml-hooks.js', import.meta.url)
