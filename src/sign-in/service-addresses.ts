export { type ServiceAddresses, serviceAddresses } from '../directory/service-addresses.ts'
